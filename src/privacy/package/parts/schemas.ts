/** JSON Schemas (2020-12) of the rows in the package. */
import { z } from "zod";
import { deliveryShape, sampleShape, SHAPES } from "../../shapes.ts";
import type { PackagePart } from "../parts.ts";

/** Every schema by the name that the manifest calls it by. */
export const SCHEMAS: Readonly<Record<string, z.ZodObject>> = { ...SHAPES, sample: sampleShape, delivery: deliveryShape };

export const schemasPart: PackagePart = {
  name: "schemas",
  count: () => Promise.resolve(0),
  async *files() {
    for (const [name, shape] of Object.entries(SCHEMAS)) {
      yield {
        path: `schema/${name}.json`, mediaType: "application/schema+json", schema: null,
        async *content() {
          yield `${JSON.stringify(z.toJSONSchema(shape), null, 2)}\n`;
        },
      };
    }
  },
};
