// The passwords of sessions as BIRD reads them: constants in a file of their own, which only root and BIRD can read.
import type { FileSet } from '../../resources/file-set.ts'
import type { Bgp } from '../../site/services.ts'
import { symbolOf } from './symbol.ts'

/** Bytes; of TCP_MD5SIG_MAXKEYLEN and TCP_AO_MAXKEYLEN in linux/tcp.h. */
const LONGEST = 80
/** BIRD's strings know no escape: a quote ends one, and it takes no control characters in them. */
const UNUSABLE = /["\p{Cc}\u2028\u2029]/u

/** The passwords of a site's peers, by the peers' names: what either daemon needs. */
export function passwordsOf({ peers }: Bgp): NonNullable<FileSet['secrets']> {
  return Object.fromEntries(peers.flatMap(({ name, password }) => (password === undefined ? [] : [[name, password]])))
}

/** Why a password cannot be written for BIRD, without a word of it; undefined = it can. Pure. */
export function passwordProblem(password: string): string | undefined {
  if (UNUSABLE.test(password)) return 'has a character that BIRD cannot read (a double quote or a control character)'
  return keyProblem(password)
}

/** Why TCP does not take a password, whichever daemon asks it to; undefined = it does. Pure. */
export function keyProblem(password: string): string | undefined {
  const bytes = Buffer.byteLength(password)
  if (bytes === 0) return 'is empty'
  return bytes > LONGEST ? `is longer than the ${LONGEST} bytes that TCP takes` : undefined
}

/** One line for each password that was read and is of no use, without a word of it. Pure. */
export function passwordProblems(
  secrets: ReadonlyMap<string, string> | undefined,
  problemOf: (password: string) => string | undefined,
): readonly string[] {
  return [...(secrets ?? [])].flatMap(([peer, password]) => {
    const problem = problemOf(password)
    return problem === undefined ? [] : [`the password of session ${peer} ${problem}`]
  })
}

/** The file for these peers. A password that is not there or cannot be written is an empty one: it is a problem of the plan. Pure. */
export function renderSecrets(peers: readonly string[], secrets: ReadonlyMap<string, string> | undefined): string {
  const lines = peers.map((peer) => {
    const password = secrets?.get(peer) ?? ''
    const text = passwordProblem(password) === undefined ? password : ''
    return `define PASSWORD_${symbolOf(peer)} = "${text}";`
  })
  return ['# Made by orion from the secrets that the site file names.', ...lines, ''].join('\n')
}
