// Building blocks of the schema: text of one form, maps with known keys only, maps with names.
import { z } from 'zod'
import { show } from '../finding.ts'

/** Starts the message of a map with unknown keys; the known keys follow as JSON. Read by problems.ts alone. */
export const KNOWN_KEYS = 'known keys: '

/** Takes the place of every message about a secret: the value is never repeated. */
export const SECRET_MESSAGE =
  'must be a reference to a secret, never its value: { env: NAME }, { file: path } or { command: [program, argument] }'

/** Text of one form, e.g. `32G`. `what` completes the sentence `"x" is not …`. */
export function text(form: RegExp, what: string) {
  const error = ({ input }: { input?: unknown }) => `${show(input)} is not ${what}`
  return z.string({ error: (issue) => (issue.input === undefined ? undefined : error(issue)) }).regex(form, { error })
}

/** Text that `parse` understands; undefined from it is the error `"x" is not …`. The pattern is for editors. */
export function parsed<T>(form: RegExp, what: string, parse: (text: string) => T | undefined) {
  return text(form, what).transform((value, context): T => {
    const result = parse(value)
    if (result !== undefined) return result
    context.addIssue({ code: 'custom', message: `${show(value)} is not ${what}`, input: value })
    return z.NEVER
  })
}

/**
 * A map with exactly these keys: an unknown key is an error that names the nearest known one.
 * `literal` is what to say, without the value, where something else than a map stands in its place.
 */
export function fields<Shape extends z.core.$ZodLooseShape>(shape: Shape, literal?: string) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') return KNOWN_KEYS + JSON.stringify(Object.keys(shape))
      return issue.input === undefined ? undefined : literal
    },
  })
}

/** One or several: `x` is read as `[x]`. */
export function oneOrMore<Value extends z.ZodType>(value: Value) {
  return z
    .union([value, z.array(value)])
    .transform((entry): z.output<Value>[] => (Array.isArray(entry) ? entry : [entry]))
}

/** As oneOrMore, with at least one and at most `max` of them. */
export function listOf<Value extends z.ZodType>(value: Value, max: number) {
  return oneOrMore(value).refine(({ length }) => length >= 1 && length <= max, {
    error: `must have 1 to ${max} entries`,
  })
}

/** One of several forms; `what` completes `must be …` where the value has none of them. */
export function oneOf<Options extends readonly [z.core.$ZodType, ...z.core.$ZodType[]]>(
  options: Options,
  what: string,
) {
  return z.union(options, {
    error: ({ input }) => (input === undefined || input === null ? undefined : `must be ${what}, not ${show(input)}`),
  })
}
