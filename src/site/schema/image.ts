// Images: what a guest's first disk begins as.
import { z } from 'zod'
import { fields, oneOf, parsed, text } from './words.ts'

const DIGITS = { md5: 32, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128 } as const
type Algorithm = keyof typeof DIGITS

const url = parsed(/^https?:\/\/[^\s\p{Cc}]{1,2040}$/u, 'an http(s) address', (value) =>
  URL.canParse(value) ? value : undefined,
).refine(
  (value) => {
    const { username, password } = new URL(value)
    return username === '' && password === ''
  },
  { error: 'must not hold a user or a password' },
)

const digest = parsed(
  /^(?:md5|sha1|sha224|sha256|sha384|sha512):[0-9A-Fa-f]+$/,
  'a checksum: algorithm:HEX of the right length, or the https address of a sums file',
  (value) => {
    const [algorithm = '', hex = ''] = value.split(':')
    if (!isAlgorithm(algorithm) || hex.length !== DIGITS[algorithm]) return undefined
    return { kind: 'digest' as const, algorithm, hex: hex.toLowerCase() }
  },
)

function isAlgorithm(word: string): word is Algorithm {
  return Object.hasOwn(DIGITS, word)
}

/** A sums file over plain http would let anybody on the way choose the image. */
const sums = text(/^https:\/\//, 'the https address of a sums file')
  .pipe(url)
  .transform((value) => ({ kind: 'sums' as const, url: value }))
const volume = text(/^[A-Za-z][A-Za-z0-9._-]*:[A-Za-z0-9._/+-]+$/, 'a volume such as local:iso/debian.iso')

const CHECKSUM = 'algorithm:HEX (such as sha512:…, of the right length), or the https address of a sums file'
const checksum = oneOf([digest, sums], CHECKSUM).describe(CHECKSUM)
const urlImage = fields({ url: url.describe('Cloud image to download'), checksum: checksum.exactOptional() })

const TEMPLATE = 'Of Proxmox’s appliance index: the newest that begins so, or an exact name'
const templateName = text(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,199}$/, 'a template such as debian-13-standard')
const templateImage = fields({ template: templateName.describe(TEMPLATE) })

const volumeImage = fields({ volume: volume.describe('A volume that is on the storage already') })
const isoImage = fields({
  iso: volume.describe('An installer'),
  drivers: volume.exactOptional().describe('A second ISO with drivers'),
})

export const image = z
  .union(
    [
      urlImage.transform((entry) => ({ kind: 'url' as const, ...entry })),
      templateImage.transform((entry) => ({ kind: 'template' as const, ...entry })),
      volumeImage.transform((entry) => ({ kind: 'volume' as const, ...entry })),
      isoImage.transform((entry) => ({ kind: 'iso' as const, ...entry })),
    ],
    { error: ({ input }) => (input === null ? undefined : 'must have one of url, template, volume or iso') },
  )
  .meta({ id: 'Image', description: 'One of url (with checksum), template, volume or iso (with drivers)' })
