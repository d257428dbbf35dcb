/** The area of patients: whom one may see, and each one's page. */
import { lazy } from "react";
import { Route, Routes } from "react-router-dom";
import { PatientList } from "../patients/PatientList.tsx";

const PatientPage = lazy(async () => ({ default: (await import("./PatientPage.tsx")).PatientPage }));

export function PatientArea() {
  return (
    <Routes>
      <Route index element={<PatientList />} />
      <Route path=":patientId/*" element={<PatientPage />} />
    </Routes>
  );
}
