// The lab's stand-in for download servers: every file has a digest that its address decides, and sums files say so.
import { createHash } from 'node:crypto'
import type { Hardware } from './world.ts'

/** Digest that the lab gives to the file at an address, in hexadecimal. `algorithm` as Proxmox VE spells it: `sha256`. */
export function labDigest(url: string, algorithm: string): string {
  const { host, pathname } = new URL(url)
  return createHash(algorithm).update(`orion lab ${host}${pathname}`).digest('hex')
}

/**
 * The text of a sums file: the images of the hardware that name it or lie beside it, and `file` where one is asked for.
 * A `…CHECKSUM` is written `SHA256 (name) = hex`, everything else `hex  name`.
 */
export function sumsText(url: string, hardware: readonly Hardware[], file?: string): string {
  const known = hardware.flatMap(({ images = [] }) => images)
  const beside = (image: string) => new URL('.', image).href === new URL('.', url).href
  const images = known.filter((image) => image.sums === url || beside(image.url)).map((image) => image.url)
  if (file !== undefined) images.push(new URL(file, url).href)
  const algorithm = algorithmOf(url)
  const line = (image: string): string => {
    const name = new URL(image).pathname.split('/').at(-1) ?? ''
    const digest = labDigest(image, algorithm)
    return /CHECKSUM$/.test(url) ? `${algorithm.toUpperCase()} (${name}) = ${digest}\n` : `${digest}  ${name}\n`
  }
  return [...new Set(images)].map(line).join('')
}

function algorithmOf(url: string): string {
  const name = url.split('/').at(-1) ?? ''
  const bits = /(md5|sha1(?!\d)|sha224|sha256|sha384|sha512)/i.exec(name)?.[1]
  return bits?.toLowerCase() ?? 'sha256'
}
