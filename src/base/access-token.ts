// The token for CI: printed once, in lines that a shell or a file of variables takes, and kept nowhere.
import { OrionError } from '../errors.ts'
import type { Reached } from './access-reach.ts'

export interface Token {
  readonly id: string
  readonly secret: string
}

interface Printing {
  readonly flags: { readonly yes?: boolean; readonly 'dry-run'?: boolean; readonly 'print-token'?: boolean }
  readonly json: boolean
}

/** Prints what was made on each cluster; with several, each under its name. */
export async function printTokens(reached: readonly Reached[], made: ReadonlyMap<string, Token>): Promise<void> {
  const { printOut } = await import('../console/output.ts')
  for (const { cluster, fingerprints } of reached) {
    const token = made.get(cluster)
    if (token === undefined) continue
    const pins = Object.entries(fingerprints).map(([node, fingerprint]) => `${node}=${fingerprint}`)
    const lines = [
      ...(reached.length > 1 ? [`# ${cluster}`] : []),
      `ORION_TOKEN_ID=${token.id}`,
      `ORION_TOKEN_SECRET=${token.secret}`,
      `ORION_FINGERPRINTS=${pins.join(',')}`,
    ]
    await printOut(lines.join('\n'))
  }
}

/** Stdout is for the token alone: no question is asked there. Errors: E_CONFIRM where there would be one. */
export function refuseQuestion({ flags, json }: Printing): void {
  if (flags.yes || flags['dry-run'] || json || !flags['print-token']) return
  throw new OrionError('--print-token asks no question, so nothing was changed', {
    code: 'E_CONFIRM',
    suggestions: ['add --yes'],
  })
}
