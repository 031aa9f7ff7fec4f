// Keeps secrets out of what a program said, before a person reads it.
import type { RunOptions } from './host.ts'

const MASK = '***'
/** A line of the input that is shorter says nothing secret, and would blot out half of a message. */
const SHORTEST_INPUT_LINE = 8
/** Longer input is a file's content; a program does not repeat that as a whole. */
const LONGEST_INPUT = 16 * 1024

/** The texts that an error about this call may not repeat: what the caller named, and lines of what the program read. */
export function getSecrets({ secrets = [], input }: RunOptions): readonly string[] {
  const text = input === undefined || input.length > LONGEST_INPUT ? '' : input.toString()
  const read = text.split(/\r?\n/).filter((line) => line.trim().length >= SHORTEST_INPUT_LINE)
  const named = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)])
  return [...new Set([...named, ...read])].filter((secret) => secret.trim() !== '')
}

/** The text without these secrets and without control characters but line ends. */
export function mask(text: string, secrets: readonly string[]): string {
  // The longest first: a secret that contains another one must not stay behind in pieces.
  const known = [...secrets].sort((a, b) => b.length - a.length)
  const hidden = known.reduce((rest, secret) => rest.replaceAll(secret, MASK), text)
  return hidden.replace(/(?!\n)\p{Cc}/gu, ' ')
}

/** The last lines that say something, without secrets. */
export function getTail(text: string, secrets: readonly string[], lines = 5): readonly string[] {
  return mask(text, secrets)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-lines)
}
