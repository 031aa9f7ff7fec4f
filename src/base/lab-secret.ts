// Secrets in the lab: the operator's own are not used for a simulation; what would be missing outside of it is said.
import type { SecretRef } from '../site/secret.ts'
import type { Site } from '../site/site.ts'

/** Stands for every secret in the lab. */
const REHEARSAL = 'rehearsal'

/** How a lab gets secrets; `tell` is called once for each that cannot be read. */
export function labSecrets({ file }: Pick<Site, 'file'>, tell: (text: string) => Promise<void>) {
  const seen = new Set<string>()
  return async (reference: SecretRef): Promise<string> => {
    const key = JSON.stringify(reference)
    const isNew = !seen.has(key)
    seen.add(key)
    const why = isNew ? await whyMissing(reference, file) : undefined
    if (why !== undefined) await tell(`warning: ${why}; in the lab, one made up stands in`)
    return REHEARSAL
  }
}

/** A command is not run: a password manager would ask for its passphrase. */
async function whyMissing(reference: SecretRef, file: string): Promise<string | undefined> {
  if ('command' in reference) return undefined
  const { resolveSecret } = await import('../site/secret.ts')
  try {
    await resolveSecret(reference, { file })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
