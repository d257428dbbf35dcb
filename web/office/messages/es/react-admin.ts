/** react-admin's own words in Spanish, of the very keys that its English has. */
import type englishMessages from "ra-language-english";

type Texts<T> = { readonly [Key in keyof T]: T[Key] extends string ? string : Texts<T[Key]> };

export const spanish: Texts<typeof englishMessages> = {
  ra: {
    action: {
      add_filter: "Añadir filtro", add: "Añadir", back: "Volver", bulk_actions: "1 elegido |||| %{smart_count} elegidos", cancel: "Cancelar", clear_array_input: "Vaciar la lista",
      clear_input_value: "Vaciar", clone: "Duplicar", confirm: "Confirmar", create: "Crear", create_item: "Crear %{item}", delete: "Borrar", edit: "Editar", export: "Exportar",
      list: "Lista", refresh: "Actualizar", remove_filter: "Quitar este filtro", remove_all_filters: "Quitar todos los filtros", remove: "Quitar", reset: "Restablecer", save: "Guardar",
      search: "Buscar", search_columns: "Buscar columnas", select_all: "Elegir todos", select_all_button: "Elegir todos", select_row: "Elegir esta fila", show: "Ver", sort: "Ordenar",
      undo: "Deshacer", unselect: "Dejar de elegir", expand: "Desplegar", close: "Cerrar", open_menu: "Abrir el menú", close_menu: "Cerrar el menú", update: "Actualizar",
      move_up: "Subir", move_down: "Bajar", open: "Abrir", toggle_theme: "Cambiar entre claro y oscuro", select_columns: "Columnas", update_application: "Cargar la versión nueva",
    },
    boolean: { true: "Sí", false: "No", null: " " },
    page: {
      create: "Crear %{name}", dashboard: "Hoy", edit: "%{name} %{recordRepresentation}", error: "Algo ha fallado", list: "%{name}", loading: "Cargando", not_found: "No encontrado",
      show: "%{name} %{recordRepresentation}", empty: "Todavía no hay %{name}.", invite: "¿Quieres añadir uno?", access_denied: "Acceso denegado", authentication_error: "Error de acceso",
    },
    input: {
      file: { upload_several: "Suelta aquí los archivos, o pulsa para elegir uno.", upload_single: "Suelta aquí un archivo, o pulsa para elegirlo." },
      image: { upload_several: "Suelta aquí las imágenes, o pulsa para elegir una.", upload_single: "Suelta aquí una imagen, o pulsa para elegirla." },
      references: {
        all_missing: "No se encuentran los datos enlazados.", many_missing: "Al menos uno de los datos enlazados ya no está.", single_missing: "El dato enlazado ya no está.",
      },
      password: { toggle_visible: "Ocultar la contraseña", toggle_hidden: "Mostrar la contraseña" },
    },
    message: {
      about: "Acerca de", access_denied: "No tienes permiso para ver esta página", are_you_sure: "¿Seguro?", authentication_error: "El servidor de acceso ha fallado: no se pudo comprobar quién eres.",
      auth_error: "No se pudo comprobar la sesión.", bulk_delete_content: "¿Seguro que quieres borrar esto? |||| ¿Seguro que quieres borrar estos %{smart_count}?",
      bulk_delete_title: "Borrar %{name} |||| Borrar %{smart_count} %{name}", bulk_update_content: "¿Seguro que quieres cambiar %{name} %{recordRepresentation}? |||| ¿Seguro que quieres cambiar estos %{smart_count}?",
      bulk_update_title: "Cambiar %{name} %{recordRepresentation} |||| Cambiar %{smart_count} %{name}", clear_array_input: "¿Seguro que quieres vaciar toda la lista?",
      delete_content: "¿Seguro que quieres borrar esto?", delete_title: "Borrar %{name} %{recordRepresentation}", details: "Detalles", error: "Ha habido un error y no se ha podido terminar.",
      invalid_form: "El formulario tiene errores: revísalos", loading: "Un momento", no: "No", not_found: "La dirección es errónea, o el enlace es antiguo.",
      select_all_limit_reached: "Son demasiados para elegirlos todos. Se han elegido los %{max} primeros.", unsaved_changes: "Hay cambios sin guardar. ¿Quieres descartarlos?", yes: "Sí",
      placeholder_data_warning: "Problema de red: no se han podido actualizar los datos.",
    },
    navigation: {
      clear_filters: "Quitar los filtros", no_filtered_results: "Ningún resultado con estos filtros.", no_results: "Ningún resultado", no_more_results: "No existe la página %{page}. Prueba la anterior.",
      page_out_of_boundaries: "No existe la página %{page}", page_out_from_end: "Esta es la última página", page_out_from_begin: "Esta es la primera página",
      page_range_info: "%{offsetBegin}-%{offsetEnd} de %{total}", partial_page_range_info: "%{offsetBegin}-%{offsetEnd} de más de %{offsetEnd}", current_page: "Página %{page}", page: "Ir a la página %{page}",
      first: "Ir a la primera página", last: "Ir a la última página", next: "Ir a la página siguiente", previous: "Ir a la página anterior", page_rows_per_page: "Filas por página:", skip_nav: "Saltar al contenido",
    },
    sort: { sort_by: "Ordenar por %{field_lower_first} %{order}", ASC: "ascendente", DESC: "descendente" },
    auth: {
      auth_check_error: "Inicia sesión para continuar", user_menu: "Cuenta", username: "Usuario", password: "Contraseña", email: "Correo", sign_in: "Entrar", sign_in_error: "No se ha podido entrar: inténtalo otra vez",
      logout: "Cerrar sesión",
    },
    notification: {
      updated: "Guardado |||| %{smart_count} guardados", created: "Creado", deleted: "Borrado |||| %{smart_count} borrados", bad_item: "Elemento erróneo", item_doesnt_exist: "Ya no existe",
      http_error: "No hay comunicación con el servidor", data_provider_error: "Error de datos.", i18n_error: "No se ha podido cargar el idioma", canceled: "Cancelado",
      logged_out: "La sesión ha terminado: entra de nuevo.", not_authorized: "No tienes permiso para esto.", application_update_available: "Hay una versión nueva.", offline: "Sin conexión. No se han podido cargar los datos.",
    },
    validation: {
      required: "Hace falta", minLength: "Al menos %{min} caracteres", maxLength: "Como mucho %{max} caracteres", minValue: "Al menos %{min}", maxValue: "Como mucho %{max}", number: "Tiene que ser un número",
      email: "Tiene que ser un correo válido", oneOf: "Tiene que ser uno de: %{options}", regex: "Tiene que tener el formato %{pattern}", unique: "Ya existe",
    },
    saved_queries: {
      label: "Filtros guardados", query_name: "Nombre", new_label: "Guardar este filtro...", new_dialog_title: "Guardar este filtro como", remove_label: "Borrar el filtro guardado",
      remove_label_with_name: "Borrar el filtro «%{name}»", remove_dialog_title: "¿Borrar el filtro guardado?", remove_message: "¿Seguro que quieres borrarlo de tus filtros guardados?",
      help: "Filtra la lista y guarda el filtro para otra vez",
    },
    guesser: { empty: { title: "No hay datos", message: "Revisa el origen de los datos" } },
    configurable: {
      customize: "Personalizar", configureMode: "Configurar esta página",
      inspector: { title: "Inspector", content: "Pasa por encima de los elementos para configurarlos", reset: "Restablecer", hideAll: "Ocultar todo", showAll: "Mostrar todo" },
      Datagrid: { title: "Tabla", unlabeled: "Columna sin nombre n.º %{column}" },
      SimpleForm: { title: "Formulario", unlabeled: "Campo sin nombre n.º %{input}" },
      SimpleList: { title: "Lista", primaryText: "Texto principal", secondaryText: "Texto secundario", tertiaryText: "Tercer texto" },
    },
  },
};
