// orion bootstrap show: the site file as a picture, on the terminal or in a file. Nothing is asked of a host.
import { extname } from 'node:path'
import type { PictureLines } from '../console/picture-view.ts'
import { EXIT, OrionError } from '../errors.ts'
import type { Site } from '../site/site.ts'
import type { Result } from './net.ts'
import { toCommand } from './next.ts'
import { refuseOtherFile, together, writeOut } from './out-file.ts'
import { readSite, type SiteFlags } from './session.ts'
import { say } from './talk.ts'

type Format = 'tree' | 'svg' | 'html' | 'mermaid'

/** A site as a picture, and the files that can be made of it (parts/picture/formats.ts). */
interface Drawn {
  readonly picture: PictureLines
  render(format: Exclude<Format, 'tree'>): { readonly text: string; readonly warnings: readonly string[] }
}

export interface PictureWish extends SiteFlags {
  /** Default: as the name of the file says, else `tree`. */
  readonly format?: Format | undefined
  readonly out?: string | undefined
  readonly json: boolean
  readonly events?: boolean | undefined
  readonly draw: (site: Site) => Drawn
}

const BY_NAME: Readonly<Record<string, Format>> = {
  '.svg': 'svg',
  '.html': 'html',
  '.htm': 'html',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.txt': 'tree',
}

/** What the file shall be. Errors: E_USAGE for a name that says another format. */
function getFormat({ format, out }: PictureWish): Format {
  const ending = extname(out ?? '').toLowerCase()
  const named = format ?? (ending === '' ? 'tree' : BY_NAME[ending])
  if (named) return named
  throw new OrionError(`there is no picture of the kind ${ending}, so nothing was written`, {
    code: 'E_USAGE',
    suggestions: [`name it ${Object.keys(BY_NAME).join(', ')}, or say --format`],
  })
}

/** Every file of ours says so near its beginning. */
const MARK = 'Made by orion bootstrap show'
const TREE_FILE = { width: 100, colour: false }

/** Errors: E_SITE; E_USAGE where the file is not a picture of ours, or cannot be written. */
export async function showPicture(wish: PictureWish): Promise<Result> {
  const { out, json, draw } = wish
  const format = getFormat(wish)
  const isOurs = (beginning: string) => beginning.includes(MARK)
  const refusal = out === undefined ? undefined : refuseOtherFile({ path: out, what: 'picture of orion', isOurs })
  const [site] = await together([readSite(wish, { draft: true }), Promise.resolve(refusal)])
  const { picture, render } = draw(site)
  const { text, warnings } = format === 'tree' ? await renderTree(picture, out !== undefined) : render(format)
  if (out !== undefined) await writeOut(out, text, 0o644)
  else if (!json) await printPage(text, format, wish)
  const session = { screen: wish.events ? { events: true as const } : {} }
  for (const warning of warnings) await say({ json, session }, `! ${warning}: another --format has no such limit`)
  if (out !== undefined) await say({ json, session }, `Done: the picture of ${site.name} is in ${out}`)
  const document = { site: site.name, format, ...(out === undefined ? { text } : { out }), warnings, picture }
  return { exit: EXIT.ok, document }
}

async function renderTree(picture: PictureLines, isFile: boolean) {
  const { renderPicture } = await import('../console/picture-view.ts')
  const { getLook } = await import('../console/output.ts')
  const page = renderPicture(picture, isFile ? TREE_FILE : getLook())
  return { text: isFile ? `${MARK}\n\n${page}\n` : page, warnings: [] }
}

/** On stdout; a person is told of the page that can be searched. */
async function printPage(text: string, format: Format, wish: PictureWish): Promise<void> {
  const { getLook, printOut } = await import('../console/output.ts')
  await printOut(text)
  if (format !== 'tree') return
  const { getPaint } = await import('../console/paint.ts')
  const { site, lab, 'lab-dir': dir } = wish
  const command = toCommand({ site, lab, 'lab-dir': dir, concurrency: 1 }, 'bootstrap show --out site.html')
  await printOut(`\n${getPaint(getLook()).cyan(`As a page to search: ${command}`)}`)
}
