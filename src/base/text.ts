// Text from elsewhere (sums files), over https with a verified certificate.
import { OrionError } from '../errors.ts'

/** A sums file of a large distribution is some 100 KB. */
const LIMIT_BYTES = 4 * 1024 * 1024
const TIME_LIMIT_MS = 20_000

/** Reads the text behind an https address. Errors: E_IMAGE, naming the address. */
export async function readText(url: string, signal: AbortSignal): Promise<string> {
  const refuse = (why: string, cause?: unknown) =>
    new OrionError(`${url} cannot be read: ${why}`, {
      code: 'E_IMAGE',
      cause,
      suggestions: ['check the address in the site file'],
    })
  if (!url.startsWith('https://')) throw refuse('only https addresses are read')
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MS)]) })
    if (!response.ok) throw refuse(`the server answered ${response.status}`)
    return await limited(response, () => refuse(`it is larger than ${LIMIT_BYTES / 1024 / 1024} MiB`))
  } catch (error) {
    if (error instanceof OrionError) throw error
    throw refuse(error instanceof Error ? error.message : String(error), error)
  }
}

async function limited(response: Response, tooLarge: () => OrionError): Promise<string> {
  let size = 0
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > LIMIT_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
