// The order of keys as the schema has them, for a site file that a program writes.
import { siteJsonSchema } from './json-schema.ts'

/** As much of JSON Schema as says where a key stands. */
interface Form {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Form & { readonly const?: unknown }>>
  readonly additionalProperties?: Form | boolean
  readonly items?: Form | readonly Form[]
  readonly anyOf?: readonly Form[]
  readonly oneOf?: readonly Form[]
  readonly allOf?: readonly Form[]
  readonly definitions?: Readonly<Record<string, Form>>
}

type Plain = Readonly<Record<string, unknown>>

/** Made at its first use: that takes a while. */
let schema: Form | undefined

/** Plain data of a site file with its keys in the order of the schema; what it does not know comes last, as it was. Pure. */
export function inSchemaOrder(value: unknown): unknown {
  schema ??= siteJsonSchema()
  return ordered(value, schema, schema.definitions ?? {})
}

function ordered(value: unknown, form: Form | undefined, definitions: Readonly<Record<string, Form>>): unknown {
  if (Array.isArray(value)) {
    const items = formOf(form, definitions, ({ items }) => items !== undefined)?.items
    return value.map((one) => ordered(one, Array.isArray(items) ? items[0] : (items as Form | undefined), definitions))
  }
  if (!isMap(value)) return value
  const known = formOf(form, definitions, (one) => holds(one, value))
  const properties = known?.properties ?? {}
  const rest = typeof known?.additionalProperties === 'object' ? known.additionalProperties : undefined
  const first = Object.keys(properties).filter((key) => Object.hasOwn(value, key))
  const keys = [...new Set([...first, ...Object.keys(value)])]
  const formOfKey = (key: string) => (Object.hasOwn(properties, key) ? properties[key] : rest)
  return Object.fromEntries(keys.map((key) => [key, ordered(value[key], formOfKey(key), definitions)]))
}

/** The first form behind references and alternatives that fits. */
function formOf(
  form: Form | undefined,
  definitions: Readonly<Record<string, Form>>,
  fits: (form: Form) => boolean,
): Form | undefined {
  if (form === undefined) return undefined
  if (form.$ref !== undefined) return formOf(definitions[form.$ref.replace('#/definitions/', '')], definitions, fits)
  if (fits(form)) return form
  for (const one of [...(form.anyOf ?? []), ...(form.oneOf ?? []), ...(form.allOf ?? [])]) {
    const found = formOf(one, definitions, fits)
    if (found !== undefined) return found
  }
  return undefined
}

/** A map of names, or one that has all of these keys and constants. */
function holds({ properties, additionalProperties }: Form, value: Plain): boolean {
  if (properties === undefined) return typeof additionalProperties === 'object'
  return Object.entries(value).every(([key, one]) => {
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined
    return known !== undefined && (known.const === undefined || known.const === one)
  })
}

export function isMap(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
