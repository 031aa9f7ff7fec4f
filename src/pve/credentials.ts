// The operator's credentials: API tokens that orion made or was given, one per cluster of a site.
import { type Credential, changeCredentialFile, readCredentialFile } from './credential-file.ts'

export { type Credential, getCredentialsPath } from './credential-file.ts'

/** All credentials; none where there is no file. Errors: E_SECRET for a file that others can read, or with another content. */
export async function readCredentials(path: string): Promise<readonly Credential[]> {
  return (await readCredentialFile(path)).credentials
}

/** The credential for a cluster of a site. Errors: as readCredentials. */
export async function findCredential(path: string, site: string, cluster: string): Promise<Credential | undefined> {
  return (await readCredentials(path)).find((known) => isFor(known, site, cluster))
}

/**
 * Keeps a credential in the place of an older one for the same cluster. The file is replaced as a whole, and two runs that
 * write at once both keep theirs. Errors: E_SECRET.
 */
export async function keepCredential(path: string, credential: Credential): Promise<void> {
  await changeCredentialFile(path, ({ credentials, pins }) => {
    const others = credentials.filter((known) => !isFor(known, credential.site, credential.cluster))
    return { credentials: [...others, pick(credential)], pins }
  })
}

// Only what the file may hold: a caller may hand over more.
function pick({ site, cluster, id, secret, fingerprint }: Credential): Credential {
  return { site, cluster, id, secret, ...(fingerprint === undefined ? {} : { fingerprint }) }
}

function isFor(credential: Credential, site: string, cluster: string): boolean {
  return credential.site === site && credential.cluster === cluster
}
