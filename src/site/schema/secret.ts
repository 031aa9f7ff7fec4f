// A secret in the site file: only ever where to find it.
import { z } from 'zod'
import { fields, SECRET_MESSAGE } from './words.ts'

/** Even a malformed part of a reference may be the secret itself, put in the wrong place. */
const error = (issue: { input?: unknown }) => (issue.input === undefined ? undefined : SECRET_MESSAGE)
const part = (form: RegExp) => z.string({ error }).regex(form, { error })

const env = part(/^[A-Za-z_][A-Za-z0-9_]*$/).describe('Name of an environment variable')
const file = part(/^[^\p{Cc}]{1,1024}$/u).describe('File, from the site file’s folder; only its owner may read it')
const word = part(/^[^\p{Cc}]{1,4096}$/u)
const command = z.tuple([word], word, { error }).describe('Program and arguments; its first output line is the secret')

/** `{ env }`, `{ file }` or `{ command }`. Everything else is one error that does not repeat the value. */
export const secret = z
  .union([fields({ env }, SECRET_MESSAGE), fields({ file }, SECRET_MESSAGE), fields({ command }, SECRET_MESSAGE)], {
    error,
  })
  .meta({ id: 'Secret', description: 'Where to find a secret; never the secret itself' })
