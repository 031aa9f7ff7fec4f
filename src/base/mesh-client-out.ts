// How a device gets its configuration: printed once with a QR code, or put into a file that only its owner reads.
import { open, unlink } from 'node:fs/promises'
import { EXIT, OrionError } from '../errors.ts'
import type { Result, Talk } from './net.ts'
import { completeHint } from './next.ts'
import type { SiteFlags } from './session.ts'
import { say } from './talk.ts'

export interface Handed {
  readonly client: string
  readonly gateway: string
  readonly address: string
  readonly publicKey: string
  readonly configuration: string
  /** The private key is in it: an app takes it as it is. */
  readonly whole: boolean
}

interface Out {
  readonly path: string
  write(text: string): Promise<void>
  /** As if it had never been. */
  drop(): Promise<void>
}

const WHYS: Readonly<Record<string, { readonly why: string; readonly hint: string }>> = {
  EEXIST: { why: 'it is there already', hint: '--out wants a new file' },
  ENOENT: { why: 'its folder is not there', hint: 'make the folder first, or name another file with --out' },
  ENOTDIR: { why: 'what should be its folder is a file', hint: 'name another file with --out' },
  EACCES: { why: 'you may not write there', hint: 'name a file with --out in a folder of yours' },
}

/** Opened before anything is changed, as a key that cannot be written would be lost. Errors: E_USAGE. */
export async function openOut(path: string | undefined): Promise<Out | undefined> {
  if (path === undefined) return undefined
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const { why, hint } = WHYS[error.code ?? ''] ?? { why: error.message, hint: 'name another file with --out' }
    throw new OrionError(`${path} cannot be made: ${why}`, { code: 'E_USAGE', suggestions: [hint] })
  })
  let isOpen = true
  const close = async () => {
    if (isOpen) await file.close()
    isOpen = false
  }
  return {
    path,
    write: async (text) => {
      await file.writeFile(text)
      await file.sync()
      await close()
    },
    drop: async () => {
      await close()
      await unlink(path).catch(() => undefined)
    },
  }
}

/** The configuration goes out once: with --json in the document, unless it is in the file. */
export async function handOver(
  talk: Talk,
  flags: SiteFlags,
  { configuration, whole, ...handed }: Handed,
  out: Out | undefined,
): Promise<Result> {
  const base = { site: talk.session.site.name, ...handed }
  await out?.write(configuration)
  if (!talk.json) await showOnce({ configuration, whole, ...handed }, out)
  await say(talk, completeHint(nextOf(handed.client, whole, out), flags))
  return { exit: EXIT.ok, document: out ? { ...base, out: out.path } : { ...base, configuration } }
}

/** The text is for a file or a clipboard, and the code beside it for a camera. */
async function showOnce({ configuration, whole }: Handed, out: Out | undefined): Promise<void> {
  const { getLook, printError, printOut } = await import('../console/output.ts')
  if (out === undefined) await printOut(configuration)
  // An app refuses a configuration without a private key, and nobody scans a log.
  if (!whole || !process.stderr.isTTY) return
  const { renderQr } = await import('../console/qr.ts')
  const code = renderQr(configuration, getLook(process.stderr))
  await printError(
    code === undefined ? 'A QR code of it does not fit here: widen the terminal, or take the text.' : code,
  )
}

function nextOf(name: string, whole: boolean, out: Out | undefined): string {
  const where = out === undefined ? 'above' : `in ${out.path}`
  const key = whole
    ? ' It has the private key, and is kept nowhere else.'
    : ' The private key is to be put in on the device.'
  return `Done: the configuration of ${name} is ${where}.${key} To take it back: orion mesh client remove ${name}`
}
