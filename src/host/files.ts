// Files of a host: many read in one round trip, many written in one stream.
import { OrionError } from '../errors.ts'
import { packMembers } from './archive.ts'
import { commandFailed, errorText } from './failure.ts'
import type { HostFile, Output, ReadWish, Seen, SeenFile } from './host.ts'
import { isLost, type Machine, run, runRaw } from './machine.ts'
import { getRequests, parseAnswer, type ReadRequest, requirePath, splitBySize } from './reading.ts'
import { script } from './script.ts'

const WRITE_LIMIT_MS = 120_000
/** More than this is not sent in one stream. */
const STREAM_BYTES = 32 * 1024 * 1024
const DEFAULT_MODE = 0o644

/** As Host.read. What was lost on the way is read once more. */
export async function readFiles(machine: Machine, wish: ReadWish): Promise<Seen> {
  const files = new Map<string, SeenFile>()
  const commands = new Map<string, Output>()
  for (const request of getRequests(wish)) {
    const seen = await readOnce(machine, request).catch(async (error) => {
      if (isLost(error)) return await readOnce(machine, request)
      throw error
    })
    for (const [path, file] of seen.files) files.set(path, file)
    for (const [name, output] of seen.commands) commands.set(name, output)
  }
  return { files, commands }
}

async function readOnce(machine: Machine, { words, limitMs, names }: ReadRequest): Promise<Seen> {
  const argv = ['sh', '-c', await script('read'), 'orion-read', ...words]
  const { code, stdout, stderr } = await runRaw(machine, argv, { timeoutMs: limitMs })
  if (code !== 0) throw commandFailed(machine.name, { title: 'orion-read', code, stderr: stderr.toString('utf8') }, [])
  try {
    return await parseAnswer(stdout, names)
  } catch (error) {
    throw new OrionError(`${machine.name}: orion-read gave an answer that cannot be understood (${errorText(error)})`, {
      code: 'E_HOST_COMMAND',
      suggestions: ['Does the shell of the SSH user print something at its start (.bashrc, .profile)?'],
      cause: error,
    })
  }
}

/** As Host.write. */
export async function writeFiles(machine: Machine, files: readonly HostFile[]): Promise<void> {
  for (const { path } of files) requirePath(path)
  const once = [...new Map(files.map((file) => [file.path, file])).values()]
  const sizeOf = ({ path, text = '' }: HostFile) => path.length + 3 + (text.length / STREAM_BYTES) * 64 * 1024
  for (const group of splitBySize(once, sizeOf)) await writeGroup(machine, group)
}

async function writeGroup(machine: Machine, files: readonly HostFile[]): Promise<void> {
  const put = files.flatMap(({ path, text, mode = DEFAULT_MODE, group }) =>
    text === undefined ? [] : [{ name: path, mode, group, content: text }],
  )
  const removed = files.filter(({ text }) => text === undefined)
  const names = [...put.map(({ name }) => name), ...removed.map(({ path }) => path)]
  const argv = ['sh', '-c', await script('write'), 'orion-write', String(put.length), ...names]
  await run(machine, argv, { input: await packMembers(put), timeoutMs: WRITE_LIMIT_MS })
}
