// What was in the places of a guarded change before it: what undoing it puts back.
import type { Host, HostFile, SeenFile } from './host.ts'

/** Where the guard on the host keeps its changes, one folder each (scripts/guard.sh). */
const BASE = '/var/lib/orion/guard'

/** The files as they were; `text` undefined where nothing was there. For reading only: a link is told as a line of text. */
export async function readBefore(host: Host, id: string): Promise<readonly HostFile[]> {
  const list = `${BASE}/${id}/files`
  const lines = (await host.read({ files: [list] })).files.get(list)?.text.split('\n') ?? []
  const places = lines.flatMap((line) => {
    const [, number, path] = /^(\S+) (?:put|remove) (\/.*)$/.exec(line) ?? []
    return number && path ? [{ path, kept: `${BASE}/${id}/old/${number}` }] : []
  })
  const { files } = await host.read({ files: places.map(({ kept }) => kept) })
  return places.map(({ path, kept }) => toFile(path, files.get(kept)))
}

function toFile(path: string, was: SeenFile | undefined): HostFile {
  if (!was) return { path, text: undefined }
  if (was.kind === 'file') return { path, text: was.text, mode: was.mode }
  return { path, text: was.kind === 'link' ? `a link to ${was.text}\n` : 'not a text file\n' }
}
