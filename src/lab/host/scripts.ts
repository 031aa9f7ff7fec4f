// The programs that orion sends along over SSH, told by their name ($0): reading, writing and listing files in one go.
import { extract, pack } from 'tar-stream'
import { guardFile } from './guard-folder.ts'
import { failed, type Io, type Machine, type Output, ok, type Program } from './machine.ts'
import { unquote } from './quote.ts'
import { bytesOf, type HostState, hasGroup, type StoredFile, storedFile } from './state.ts'

/** Runs a program inside another one; programs.ts gives it. */
export type Run = (machine: Machine, argv: readonly string[], io: Io) => Promise<Output>

/** `orion-read SECONDS NFILES PATH… (NAME COMMANDLINE)…` */
export function orionRead(run: Run): Program {
  return async (machine, [, count = '0', ...rest], io) => {
    const paths = rest.slice(0, Number(count))
    const pairs = rest.slice(Number(count))
    let head = ''
    for (let at = 0; at < pairs.length; at += 2) {
      const [name = '', line = ''] = pairs.slice(at, at + 2)
      const argv = unquote(line)
      const nothing = { ...io, input: async () => Buffer.alloc(0), print: () => undefined }
      const { code, stdout = '' } = argv ? await run(machine, argv, nothing) : failed(2, 'sh: 1: Syntax error')
      head += `${name} ${code} ${Buffer.from(stdout).toString('base64')}\n`
    }
    return ok(Buffer.concat([Buffer.from(`${head}\n`), await packed(machine.host, paths)]))
  }
}

async function packed(host: HostState, paths: readonly string[]): Promise<Buffer> {
  const find = (path: string) => host.files[path] ?? guardFile(host, path)
  const isFolder = (path: string) =>
    Object.keys(host.files).some((other) => other.startsWith(`${path.replace(/\/$/, '')}/`))
  const known = paths.filter((path) => (find(path) || isFolder(path)) && !/^\/(proc|sys)\//.test(path))
  if (known.length === 0) return Buffer.alloc(0)
  const tar = pack()
  const root = { uname: 'root', uid: 0, gid: 0 }
  for (const path of known) {
    const file = find(path)
    const owner = { ...root, gname: file?.group ?? 'root' }
    if (!file) tar.entry({ name: path, type: 'directory', mode: 0o755, ...owner })
    else if (file.kind === 'link')
      tar.entry({ name: path, type: 'symlink', linkname: file.text, mode: 0o777, ...owner })
    else tar.entry({ name: path, mode: file.mode, ...owner }, bytesOf(file))
  }
  tar.finalize()
  return Buffer.concat(await collect(tar as AsyncIterable<Buffer>))
}

/** `orion-write NFILES PATH… REMOVED…`, the files as a tar on standard input. */
export const orionWrite: Program = async ({ host, world }, [count = '0', ...rest], io) => {
  const named = rest.slice(0, Number(count))
  const found = await unpacked(await io.input())
  const missing = named.find((path) => !found.has(path))
  if (missing !== undefined) return failed(1, `orion-write: ${missing} is not in the stream`)
  const foreign = [...found].find(([, { group = 'root' }]) => !hasGroup(host, group))
  if (foreign !== undefined) return failed(1, `${foreign[0]}: its group does not exist`)
  for (const [path, file] of found) host.files[path] = file
  for (const path of rest.slice(Number(count))) delete host.files[path]
  world.changed()
  return ok()
}

/** The files of a tar by name. Errors: those of a tar that is cut off. */
export async function unpacked(bytes: Buffer): Promise<Map<string, StoredFile>> {
  const found = new Map<string, StoredFile>()
  if (bytes.length === 0) return found
  const reader = extract()
  reader.end(bytes)
  for await (const entry of reader) {
    const content = Buffer.concat(await collect(entry as AsyncIterable<Buffer>))
    const { type, name, mode = 0o644, gname = 'root' } = entry.header
    const file = storedFile(content, mode & 0o7777)
    if (type === 'file') found.set(name, gname === 'root' || gname === '' ? file : { ...file, group: gname })
  }
  return found
}

/** `orion-folders DIR…`: a line `MODE OWNER BASE64 PATH` for every file directly in these folders. */
export const orionFolders: Program = ({ host }, folders) => {
  const lines = folders.flatMap((folder) => {
    const start = `${folder.replace(/\/$/, '')}/`
    const inside = Object.entries(host.files).filter(([path, { kind }]) => {
      return kind === 'file' && path.startsWith(start) && !path.slice(start.length).includes('/')
    })
    return inside.map(([path, file]) => {
      return `${file.mode.toString(8)} root:${file.group ?? 'root'} ${bytesOf(file).toString('base64')} ${path}\n`
    })
  })
  return ok(lines.join(''))
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}
