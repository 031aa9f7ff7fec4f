// The operator's ~/.ssh/config and /etc/ssh/ssh_config: what they say about one host, and which lines of them orion does not follow.
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import SSHConfig, { glob } from 'ssh-config'
import { OrionError } from '../errors.ts'
import { errorText } from './failure.ts'

/** What ssh_config(5) says about one host; names of options in lower case. */
export interface Words {
  one(option: string): string | undefined
  all(option: string): readonly string[]
  /** Lines that were passed over, for people. */
  readonly ignored: readonly string[]
}

/** Includes within includes, as deep as ssh goes. */
const DEEPEST = 16
const SECTION = /^\s*(host|match)\b/i
const INCLUDE = /^\s*include(?:\s+|\s*=\s*)(.+?)\s*$/i
/** What Match can ask for beyond what the library knows; and `exec`, which would run a program for a mere look. */
const MATCH_UNKNOWN = /^\s*match\b.*\b(exec|localnetwork|tagged|sessiontype|command|version|canonical)\b/i

/** The whole configuration, includes resolved. */
export interface SshConfig {
  /** Words about `alias`, as if it was typed after `ssh`; `user` is who logs in, where that is known already. */
  about(alias: string, user: string | undefined): Words
  /** There is a Host line about this very name, beyond `Host *`. */
  knows(alias: string): boolean
}

/** Files that are missing are empty. `file`: instead of the usual two; '' = none. Errors: E_USAGE for a file that cannot be understood. */
export async function readSshConfig(file: string | undefined): Promise<SshConfig> {
  const usual = [join(homedir(), '.ssh', 'config'), '/etc/ssh/ssh_config']
  const paths = file === undefined ? usual : file === '' ? [] : [resolve(file)]
  const ignored: string[] = []
  const configs: SSHConfig[] = []
  for (const path of paths) configs.push(parse(path, await readText(path, ignored, 0)))
  return {
    about: (alias, user) => about(configs, alias, user, ignored),
    knows: (alias) => configs.some((config) => hasSection(config, alias)),
  }
}

function parse(path: string, text: string): SSHConfig {
  try {
    return SSHConfig.parse(text)
  } catch (error) {
    throw new OrionError(`${path} cannot be understood: ${errorText(error)}`, { code: 'E_USAGE', cause: error })
  }
}

async function readText(path: string, ignored: string[], depth: number): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') ignored.push(`${path} (${error.code ?? error.message})`)
    return ''
  })
  const lines: string[] = []
  let inSection = false
  for (const line of text.split(/\r?\n/)) {
    inSection ||= SECTION.test(line)
    if (MATCH_UNKNOWN.test(line)) ignored.push(`${path}: ${line.trim()}`)
    const include = INCLUDE.exec(line)?.[1]
    if (include === undefined) lines.push(line)
    else if (inSection || depth >= DEEPEST) ignored.push(`${path}: ${line.trim()} (below a Host or Match line)`)
    // What follows the included text does not belong to its last section.
    else lines.push(await readIncluded(include, path, ignored, depth + 1), 'Host *')
  }
  return lines.join('\n')
}

async function readIncluded(words: string, from: string, ignored: string[], depth: number): Promise<string> {
  const texts: string[] = []
  for (const [, quoted, plain = ''] of words.matchAll(/"([^"]*)"|(\S+)/g)) {
    const pattern = (quoted ?? plain).replace(/^~(?=\/)/, homedir())
    for (const path of await findFiles(resolve(dirname(from), pattern)))
      texts.push(await readText(path, ignored, depth))
  }
  return texts.join('\nHost *\n')
}

/** Wildcards in the last part of a path only, which is where people put them. */
async function findFiles(pattern: string): Promise<readonly string[]> {
  if (!/[*?]/.test(pattern)) return [pattern]
  const folder = dirname(pattern)
  const names = await readdir(folder).catch(() => [])
  const hits = names.filter((name) => !name.startsWith('.') && glob(basename(pattern), name))
  return hits.sort().map((name) => join(folder, name))
}

function about(
  configs: readonly SSHConfig[],
  alias: string,
  user: string | undefined,
  ignored: readonly string[],
): Words {
  const query = user === undefined ? { Host: alias } : { Host: alias, User: user }
  // As ssh does: the first value counts, and the operator's file comes before the machine's.
  const found = configs.map((config) => config.compute(query, { ignoreCase: true, matchExec: false }))
  const all = (option: string) => found.flatMap((values) => values[option] ?? [])
  const first = (option: string) => found.find((values) => values[option] !== undefined)?.[option]
  return {
    one: (option) => {
      const value = first(option)
      return Array.isArray(value) ? value[0] : value
    },
    // IdentityFile adds up; the lists of files are one option of several words.
    all: (option) => (option === 'identityfile' ? all(option) : [first(option) ?? []].flat()),
    ignored,
  }
}

function hasSection(config: SSHConfig, alias: string): boolean {
  return config.some((line) => {
    if (!('param' in line) || !/^host$/i.test(line.param)) return false
    const patterns = Array.isArray(line.value) ? line.value.map(({ val }) => val) : line.value.split(/\s+/)
    return patterns.some((pattern) => pattern !== '*' && glob(pattern.replace(/^!/, ''), alias))
  })
}
