// Checksums of images: `sha512:HEX` of the site file, or the line of a sums file that names the image.
import { OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
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

/** What is needed of Outside: how to read a sums file. */
type Reader = Pick<Outside, 'text'>

/** The digest of the image at `url`; a sums file is read once, however many images and nodes ask for it. Errors: E_IMAGE. */
export async function imageDigest(
  image: { readonly name: string; readonly url: string },
  checksum: Checksum,
  reader: Reader,
): Promise<Digest> {
  if (checksum.kind === 'digest') return { algorithm: checksum.algorithm, hex: checksum.hex.toLowerCase() }
  const file = baseName(image.url)
  const digest = parseSums(await readSums(image.name, checksum.url, reader), file)
  if (digest !== undefined) return digest
  throw new OrionError(`image ${image.name}: ${checksum.url} has no checksum of ${file}`, {
    code: 'E_IMAGE',
    suggestions: ['check the two addresses in the site file, or write the checksum itself: checksum: sha512:HEX'],
  })
}

const SUMS = new WeakMap<Reader, Map<string, Promise<string>>>()

async function readSums(name: string, url: string, reader: Reader): Promise<string> {
  const known = SUMS.get(reader) ?? new Map<string, Promise<string>>()
  SUMS.set(reader, known)
  try {
    const text = known.get(url) ?? reader.text(url)
    known.set(url, text)
    return await text
  } catch (error) {
    known.delete(url)
    if (!(error instanceof OrionError)) throw error
    const { message, code, suggestions } = error
    throw new OrionError(`image ${name}: its checksum is not known: ${message}`, { code, suggestions, cause: error })
  }
}

/**
 * The digest of `file` in a sums file: `HEX  name` and `HEX *name` (GNU coreutils), or `SHA512 (name) = HEX` (BSD); of several
 * the strongest. A name may have a folder before it. undefined where no line names the file, or only with digests that
 * Proxmox VE does not check.
 */
export function parseSums(text: string, file: string): Digest | undefined {
  const found = text.split(/\r?\n/).flatMap((line) => parseLine(line, file) ?? [])
  return found.sort((a, b) => a.hex.length - b.hex.length).at(-1)
}

function parseLine(line: string, file: string): Digest | undefined {
  const [, hex, name] = /^\\?([0-9a-f]+)\s+\*?(.+?)\s*$/i.exec(line) ?? bsdLine(line)
  if (hex === undefined || name === undefined || name.slice(name.lastIndexOf('/') + 1) !== file) return undefined
  const algorithm = BY_LENGTH[hex.length]
  return algorithm && { algorithm, hex: hex.toLowerCase() }
}

// This form names its algorithm, so a BLAKE2 digest is not taken for a SHA of the same length.
function bsdLine(line: string): readonly (string | undefined)[] {
  const [, label = '', name, hex = ''] = /^(\w[\w-]*) ?\((.+)\) ?= ?([0-9a-f]+)\s*$/i.exec(line) ?? []
  const algorithm = label.toLowerCase().replace('sha2-', 'sha').replace('-', '') // OpenSSL says SHA2-256
  return algorithm === BY_LENGTH[hex.length] ? [undefined, hex, name] : []
}
