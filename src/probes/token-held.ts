// Proof that the next run can work with orion's own token, without an administrator.
import type { Outside, Probe, ProbeResult } from '../resource.ts'
import type { TokenUse } from '../resources/api-token.ts'

/** A lost secret is a warning: everything works, but only for who holds another token. */
export function tokenHeld(
  cluster: string,
  token: { readonly id: string; readonly remedy: string },
  look: (outside: Outside) => Promise<TokenUse>,
): Probe {
  const { id, remedy } = token
  const expected = 'its secret is in the credentials'
  const run = async (outside: Outside): Promise<ProbeResult> => {
    const { who, held } = await look(outside)
    if (held) return { state: 'ok', expected, seen: expected }
    return {
      state: 'warning',
      expected,
      seen: `not here; this run works as ${who}`,
      hint: `if nobody else uses it: ${remedy}`,
    }
  }
  return { id: `token-held:${cluster}/${id}`, title: id, run }
}
