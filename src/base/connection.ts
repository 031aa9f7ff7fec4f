// Every way out of the process for one site: the Proxmox API, its hosts, texts, secrets; or all of it in the lab.
import { join } from 'node:path'
import type { Host } from '../host/host.ts'
import type { LabAccess } from '../lab/lab.ts'
import type { Outside } from '../resource.ts'
import type { SecretRef } from '../site/secret.ts'
import type { Site } from '../site/site.ts'
import { type ApiWish, connectApi } from './api.ts'
import { makeHosts } from './hosts.ts'
import { labSecrets } from './lab-secret.ts'

interface Options {
  readonly access: LabAccess | undefined
  readonly signal: AbortSignal
  /** The command that this run is, e.g. `net apply`. */
  readonly command: string
  /** Asks the operator for something that is not shown while it is typed. */
  readonly ask: (question: string) => Promise<string | undefined>
  /** A yes or no of the operator; false where nobody can be asked. */
  readonly askYes: (question: string) => Promise<boolean>
  /** One line on stderr. */
  readonly tell: (text: string) => Promise<void>
  /** The same for what is odd and hinders nobody: nowhere where one JSON document is wanted. */
  readonly warn: (text: string) => Promise<void>
  /** Requests at once, per cluster. */
  readonly concurrency: number
}

/** Every way out, and how they are closed. */
export interface Connection {
  readonly outside: Outside
  /** Where tokens and certificates are kept: the operator's file, or the lab's. */
  readonly credentials: string
  /** The same ways out, but for the API: with these tokens and certificates before all others. Closed with the first. */
  reconnect(wish: ApiWish): Promise<Outside>
  /** A node over SSH without any question to the operator: for what is done beside the work. */
  quietHost(name: string): Promise<Host>
  close(): Promise<void>
}

/** Nothing is contacted yet: the first request opens the connection. */
export async function connectSite(site: Site, options: Options): Promise<Connection> {
  const { getCredentialsPath, keepCredential } = await import('../pve/credentials.ts')
  const file = options.access ? join(options.access.dir, 'credentials.json') : getCredentialsPath()
  const secret = options.access ? labSecrets(site, options.warn) : readSecret(site)
  const hosts = makeHosts(site, { ...options, secret })
  const open: Outside['pve'][] = []
  const connect = async (wish: ApiWish): Promise<Outside> => {
    const pve = await connectApi(site, { ...options, ...wish, file, secret, host: hosts.host })
    open.push(pve)
    return {
      pve,
      host: hosts.host,
      forget: () => {
        pve.forget()
        hosts.forget()
      },
      signal: options.signal,
      text: options.access ? await labMirror(site) : readText(options.signal),
      secret,
      tell: options.tell,
      keep: (cluster, token) => keepCredential(file, { site: site.name, cluster, ...token }),
    }
  }
  const close = async () => {
    await Promise.allSettled([...open.map((pve) => pve.close()), hosts.close()])
  }
  return { outside: await connect({}), credentials: file, reconnect: connect, quietHost: hosts.quiet, close }
}

const readSecret = (site: Site) => async (reference: SecretRef) => {
  const { resolveSecret } = await import('../site/secret.ts')
  return (await resolveSecret(reference, { file: site.file })).reveal()
}

/** Lazily, as most runs read no text. */
const readText = (signal: AbortSignal) => async (url: string) => (await import('./text.ts')).readText(url, signal)

/** The lab answers sums files itself, for the images of the site. */
async function labMirror(site: Site): Promise<Outside['text']> {
  const { hardwareOf } = await import('../lab/lab.ts')
  const { sumsText } = await import('../lab/mirror.ts')
  return async (url) => sumsText(url, hardwareOf(site))
}
