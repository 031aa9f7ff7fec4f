// Checksums of images: `sha512:HEX` of the site file, or the line of a sums file that names the image.
import { OrionError } from '../errors.ts'
import type { Checksum } from '../site/site.ts'
import { baseName } from './image-place.ts'

export interface Digest {
  readonly algorithm: 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'
  readonly hex: string
}

// Hexadecimal digits → algorithm: the GNU form does not say which one made it.
const BY_LENGTH: Readonly<Record<number, Digest['algorithm']>> = {
  32: 'md5',
  40: 'sha1',
  56: 'sha224',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
}

/** The digest of the image at `url`; a sums file is fetched with `text`. Errors: E_IMAGE. */
export async function imageDigest(
  image: { readonly name: string; readonly url: string },
  checksum: Checksum,
  text: (url: string) => Promise<string>,
): Promise<Digest> {
  if (checksum.kind === 'digest') return { algorithm: checksum.algorithm, hex: checksum.hex.toLowerCase() }
  const file = baseName(image.url)
  const digest = parseSums(await readSums(image.name, checksum.url, text), file)
  if (digest !== undefined) return digest
  throw new OrionError(`image ${image.name}: ${checksum.url} has no checksum of ${file}`, {
    code: 'E_IMAGE',
    suggestions: ['check the two addresses in the site file, or write the checksum itself: checksum: sha512:HEX'],
  })
}

async function readSums(name: string, url: string, text: (url: string) => Promise<string>): Promise<string> {
  try {
    return await text(url)
  } catch (error) {
    if (!(error instanceof OrionError)) throw error
    const { message, code, suggestions } = error
    throw new OrionError(`image ${name}: its checksum is not known: ${message}`, { code, suggestions, cause: error })
  }
}

/**
 * The digest of `file` in a sums file: `HEX  name` and `HEX *name` (GNU coreutils), or `SHA512 (name) = HEX` (BSD).
 * A name may have a folder before it. undefined where no line names the file, or its digest has a strange length.
 */
export function parseSums(text: string, file: string): Digest | undefined {
  for (const line of text.split(/\r?\n/)) {
    const [, hex, name] = /^\\?([0-9a-f]+)\s+\*?(.+?)\s*$/i.exec(line) ?? bsdLine(line)
    if (hex === undefined || name === undefined || name.slice(name.lastIndexOf('/') + 1) !== file) continue
    const algorithm = BY_LENGTH[hex.length]
    if (algorithm !== undefined) return { algorithm, hex: hex.toLowerCase() }
  }
  return undefined
}

function bsdLine(line: string): readonly (string | undefined)[] {
  const [, , name, hex] = /^(\w[\w-]*) ?\((.+)\) ?= ?([0-9a-f]+)\s*$/i.exec(line) ?? []
  return [undefined, hex, name]
}
