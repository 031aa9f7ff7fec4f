// What was in the places of a guarded change before it, which undoing puts back, and what it left there.
import type { Host, HostFile, SeenFile } from './host.ts'

/** Where the guard on the host keeps its changes, one folder each (scripts/guard.sh). */
const BASE = '/var/lib/orion/guard'

/** The files of a change, for reading only: `text` undefined where nothing is, a link is told as a line of text. */
export interface Sides {
  readonly before: readonly HostFile[]
  /** As the change left them. */
  readonly after: readonly HostFile[]
}

/** Both lists are empty where there is no such change. */
export async function readSides(host: Host, id: string): Promise<Sides> {
  const list = `${BASE}/${id}/files`
  const lines = (await host.read({ files: [list] })).files.get(list)?.text.split('\n') ?? []
  const places = lines.flatMap((line) => {
    const [, number, path] = /^(\S+) (?:put|remove) (\/.*)$/.exec(line) ?? []
    return number && path ? [{ path, old: `${BASE}/${id}/old/${number}`, made: `${BASE}/${id}/new/${number}` }] : []
  })
  const { files } = await host.read({ files: places.flatMap(({ old, made }) => [old, made]) })
  return {
    before: places.map(({ path, old }) => toFile(path, files.get(old))),
    after: places.map(({ path, made }) => toFile(path, files.get(made))),
  }
}

function toFile(path: string, was: SeenFile | undefined): HostFile {
  if (!was) return { path, text: undefined }
  if (was.kind === 'file') return { path, text: was.text, mode: was.mode, group: was.group }
  return { path, text: was.kind === 'link' ? `a link to ${was.text}\n` : 'not a text file\n' }
}
