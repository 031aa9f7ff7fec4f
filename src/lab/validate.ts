// Checks the parameters of a request against its endpoint and gives them their types.
import { ApiError } from './route.ts'
import type { Endpoint, Property } from './schema.ts'
import { checkProperty, type Errors, textOf } from './validate-property.ts'

const notDefined = 'property is not defined in schema and the schema does not allow additional properties'

/**
 * Takes the parameters of path and body together, as text or JSON values. Returns those of the body by the schema's type:
 * boolean, number, string, string[] for arrays. Errors: ApiError 400 that names every wrong parameter.
 */
export function validate(
  endpoint: Endpoint,
  ids: Readonly<Record<string, string>>,
  params: Readonly<Record<string, unknown>>,
  version: string,
): Record<string, unknown> {
  const errors: Errors = {}
  const typed: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(endpoint.params)) {
    const value = ids[name] ?? params[name]
    if (value === undefined && property.optional) continue
    checkProperty(asGiven(value, property), property, name, version, errors)
  }
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === null) continue
    const property = propertyOf(endpoint, name)
    if (!property) errors[name] = notDefined
    else {
      if (!(name in endpoint.params)) checkProperty(asGiven(value, property), property, name, version, errors)
      typed[name] = toTyped(asGiven(value, property), property)
    }
  }
  if (Object.keys(errors).length > 0) {
    const rows = Object.entries(errors).map(([name, text]) => [name, text.endsWith('\n') ? text : `${text}\n`])
    throw new ApiError(400, 'Parameter verification failed.\n', Object.fromEntries(rows))
  }
  return typed
}

/** The definition of a parameter; `net7` is found by its family. */
function propertyOf(endpoint: Endpoint, name: string): Property | undefined {
  if (Object.hasOwn(endpoint.params, name)) return endpoint.params[name]
  const [, base = '', index = ''] = /^(.*\D)(0|[1-9]\d*)$/.exec(name) ?? []
  const family = Object.hasOwn(endpoint.families, base) ? endpoint.families[base] : undefined
  return family && Number(index) <= family.last ? family.property : undefined
}

// A form has no arrays: one value stands for a list of one, and a key given twice is text with a NUL between.
function asGiven(value: unknown, property: Property): unknown {
  if (property.type === 'array') return typeof value === 'string' ? value.split('\0') : value
  return value
}

function toTyped(value: unknown, property: Property): unknown {
  if (Array.isArray(value)) return value.map(textOf)
  if (property.type === 'boolean') return textOf(value) === '1'
  if (property.type === 'integer' || property.type === 'number') return Number(textOf(value))
  return textOf(value)
}
