// A QR code on the terminal, for the camera of a phone.
import { encode } from 'uqr'
import { getPaint, type Look } from './paint.ts'

/** What the standard wants around it, and what readers make do with where the terminal is narrow. Modules. */
const MARGINS = [4, 2] as const

/**
 * Two modules above each other in one sign, dark on light. Without colours the terminal is taken to be dark, so that the light
 * modules are the ones that are drawn. undefined where the text is too long for a code, or the code wider than the terminal.
 */
export function renderQr(text: string, look: Look): string | undefined {
  const rows = matrixOf(text, look.width)
  if (rows === undefined) return undefined
  const paint = getPaint(look)
  const pairs = rows.flatMap((upper, at) => (at % 2 === 0 ? [{ upper, lower: rows[at + 1] }] : []))
  return pairs
    .map(({ upper, lower }) =>
      upper.map((dark, column) => signOf(dark, lower?.[column] ?? false, look.colour)).join(''),
    )
    .map((line) => (look.colour ? paint.black.bgWhiteBright(line) : line))
    .join('\n')
}

/** True = dark. */
function matrixOf(text: string, width: number): readonly (readonly boolean[])[] | undefined {
  for (const border of MARGINS) {
    const made = encodeOrNot(text, border)
    if (made === undefined || made.size <= width) return made?.data
  }
  return undefined
}

function encodeOrNot(text: string, border: number) {
  try {
    return encode(text, { ecc: 'L', boostEcc: true, border })
  } catch (error) {
    // The library's word for more than 2,953 bytes.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const SIGNS = { both: '█', upper: '▀', lower: '▄', none: ' ' } as const

/** What is drawn are the dark modules where the background is light, and the light ones where it is dark. */
function signOf(upper: boolean, lower: boolean, isLight: boolean): string {
  const [above, below] = [upper === isLight, lower === isLight]
  if (above) return below ? SIGNS.both : SIGNS.upper
  return below ? SIGNS.lower : SIGNS.none
}
