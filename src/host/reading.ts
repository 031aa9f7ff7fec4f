// Files and what programs say, of one host, in one round trip: the words of orion-read and its answer.
import { unpackFiles } from './archive.ts'
import type { Output, ReadWish, Seen } from './host.ts'
import { quote } from './quote.ts'

/** Each program of a read may take so long. */
const COMMAND_SECONDS = 20
/** A command line is one argument of the host's shell: 128 KiB on Linux, of which the script takes its part. */
const LONGEST = 64 * 1024

export interface ReadRequest {
  /** What comes behind `sh -c SCRIPT orion-read`. */
  readonly words: readonly string[]
  readonly limitMs: number
  /** The caller's names of the commands, in order. */
  readonly names: readonly string[]
}

/** One request, or more where the names of the files are too long for one. Errors: a plain Error for a path that cannot be asked for. */
export function getRequests({ files = [], commands = {} }: ReadWish): readonly ReadRequest[] {
  for (const path of files) requirePath(path)
  const requests: ReadRequest[] = []
  const named = Object.entries(commands)
  const groups = splitBySize([...new Set(files)], (path) => path.length + 3)
  for (const [index, group] of (groups.length > 0 ? groups : [[]]).entries()) {
    const own = index === 0 ? named : []
    const lines = own.flatMap(([, argv], number) => [String(number), quote(argv)])
    requests.push({
      words: [String(COMMAND_SECONDS), String(group.length), ...group, ...lines],
      limitMs: 30_000 + own.length * (COMMAND_SECONDS + 5) * 1000,
      names: own.map(([name]) => name),
    })
  }
  return requests
}

/** Groups whose sizes add up to no more than one command line carries. */
export function splitBySize<T>(items: readonly T[], sizeOf: (item: T) => number): readonly (readonly T[])[] {
  const groups: T[][] = []
  let room = 0
  for (const item of items) {
    room -= sizeOf(item)
    const last = groups.at(-1)
    if (last && room >= 0) last.push(item)
    else {
      groups.push([item])
      room = LONGEST - sizeOf(item)
    }
  }
  return groups
}

/** An absolute path to one file, as it would be written down: no `.`, `..`, `//`, NUL, no slash at the end. */
export function requirePath(path: string): void {
  const parts = path.split('/').slice(1)
  const isPlain = path.startsWith('/') && parts.every((part) => part !== '' && part !== '.' && part !== '..')
  if (!isPlain || path.includes('\0')) throw new Error(`not the absolute path of a file: ${JSON.stringify(path)}`)
  // Their size is not known before they are read, so tar takes them for empty.
  if (/^\/(proc|sys)\//.test(path)) throw new Error(`${path} can be read by a program only: ['cat', '${path}']`)
}

/** What orion-read printed. Errors: a plain Error for an answer that it cannot have given. */
export async function parseAnswer(bytes: Buffer, names: readonly string[]): Promise<Seen> {
  const commands = new Map<string, Output>()
  let at = 0
  const line = (): string => {
    const end = bytes.indexOf(0x0a, at)
    if (end < 0) throw new Error('the answer ends too early')
    const text = bytes.toString('latin1', at, end)
    at = end + 1
    return text
  }
  for (const [index, name] of names.entries()) {
    const [number, code, content = ''] = line().split(' ')
    if (number !== String(index) || !/^\d+$/.test(code ?? '')) throw new Error('the answer has another form')
    commands.set(name, { code: Number(code), stdout: Buffer.from(content, 'base64').toString('utf8'), stderr: '' })
  }
  if (line() !== '') throw new Error('the answer has another form')
  return { commands, files: await unpackFiles(bytes.subarray(at)) }
}
