// Which keys are offered to a server, in which order, and what is said when it wants none of them.
import ssh2, { type AnyAuthMethod, type AuthHandlerMiddleware, type ParsedKey } from 'ssh2'
import { errorText } from './failure.ts'
import { type AskPassphrase, type FoundKey, fakeAgent, type KeyFile, readKeyFile, toAgent } from './key-file.ts'
import { adviseFile, adviseLocked, describe, type Log, newLog, noteLocked, wantsKey } from './key-log.ts'

export interface KeyPlan {
  /** In the order in which they are tried. */
  readonly files: readonly KeyFile[]
  /** Socket of the agent. */
  readonly agent: string | undefined
  /** IdentitiesOnly: of the agent's keys only those whose files are named. */
  readonly onlyFiles: boolean
  readonly passphrase: AskPassphrase | undefined
  /** Where these settings stand in the site file, e.g. `nodes.r730.ssh`. */
  readonly place: string
}

export interface Authentication {
  readonly handler: AuthHandlerMiddleware
  /** What was offered, and what could not be, for people. */
  offered(): string
  /** What to do about keys that could not be offered. */
  tries(): readonly string[]
  /** False where nothing is gained by giving the server another key. */
  wantsKey(): boolean
  /** True while a person is asked for a passphrase: no time limit runs. */
  asking(): boolean
}

type Offer = { readonly label: string; readonly method: () => AnyAuthMethod | undefined }

/** Nothing is read before the server asks for authentication. */
export function authenticate(plan: KeyPlan, user: string): Authentication {
  const log = newLog()
  let offers: Promise<Offer[]> | undefined
  const next = async (): Promise<AnyAuthMethod | false> => {
    offers ??= getOffers(plan, user, log)
    const left = await offers
    for (let offer = left.shift(); offer; offer = left.shift()) {
      const method = offer.method()
      if (!method) continue
      log.offered.push(offer.label)
      return method
    }
    return false
  }
  return {
    handler: (methods, _partial, callback) => {
      const wanted = !methods || methods.includes('publickey')
      const give = callback as (method: AnyAuthMethod | false) => void
      if (!wanted) return give(false)
      next().then(give, (error) => {
        log.passed.push(errorText(error))
        give(false)
      })
    },
    offered: () => describe(log),
    tries: () => log.tries,
    wantsKey: () => wantsKey(log),
    asking: () => log.asking > 0,
  }
}

/** As ssh does: keys that are named and in the agent, named files, the agent's others, then what needs a passphrase and the default names. */
async function getOffers(plan: KeyPlan, user: string, log: Log): Promise<Offer[]> {
  const files = await findFiles(plan, log)
  const keys = plan.agent ? await listAgent(plan.agent, log) : []
  const isFileOf = (key: ParsedKey) => (file: FoundKey) => file.publicKey?.equals(key.getPublicSSH()) === true
  const named = keys.filter((key) => files.some((file) => file.explicit && isFileOf(key)(file)))
  const others = plan.onlyFiles ? [] : keys.filter((key) => !named.includes(key))
  const inAgent = (file: FoundKey) => [...named, ...others].some((key) => isFileOf(key)(file))
  const rest = files.filter((file) => !inAgent(file))
  const isEarly = (file: FoundKey) => file.explicit && !file.encrypted
  const fromFile = (file: FoundKey) => fileOffer(file, plan, user, log)
  return [
    ...agentOffer(named, plan, user),
    ...rest.filter(isEarly).map(fromFile),
    ...agentOffer(others, plan, user),
    ...rest.filter((file) => !isEarly(file)).map(fromFile),
  ]
}

async function findFiles({ files, place }: KeyPlan, log: Log): Promise<readonly FoundKey[]> {
  const found: FoundKey[] = []
  for (const file of await Promise.all(files.map(readKeyFile))) {
    if ('found' in file) {
      found.push(file.found)
      continue
    }
    const { path, explicit, problem } = file
    if (problem === undefined) continue
    log.passed.push(`${path} (${problem})`)
    if (explicit) log.tries.push(adviseFile(path, problem, place))
  }
  return found
}

async function listAgent(socket: string, log: Log): Promise<readonly ParsedKey[]> {
  return await new Promise((resolve) => {
    ssh2.createAgent(socket).getIdentities((error, keys = []) => {
      if (error) log.passed.push(`the agent's keys (${errorText(error)})`)
      // ssh2's own agent gives parsed keys; it leaves out those that it cannot parse (of a security key).
      resolve(keys.filter(isParsed))
    })
  })
}

const isParsed = (key: unknown): key is ParsedKey => typeof key === 'object' && key !== null && 'getPublicSSH' in key

function agentOffer(keys: readonly ParsedKey[], { agent }: KeyPlan, username: string): Offer[] {
  if (keys.length === 0 || !agent) return []
  const names = keys.map(({ comment, type }) => comment || type).join(', ')
  const chosen = fakeAgent(
    keys.map((key) => key.getPublicSSH()),
    undefined,
    agent,
  )
  return [{ label: `agent (${names})`, method: () => ({ type: 'agent', username, agent: chosen }) }]
}

function fileOffer(file: FoundKey, { passphrase, place }: KeyPlan, username: string, log: Log): Offer {
  const { path, key, publicKey } = file
  const method = (): AnyAuthMethod | undefined => {
    if (key) return { type: 'publickey', username, key }
    if (!passphrase || !publicKey) {
      log.passed.push(`${path} (encrypted; ${passphrase ? 'without a .pub file' : 'no passphrase'})`)
      log.tries.push(passphrase ? `ssh-add ${path}` : adviseLocked(path, place))
      return undefined
    }
    const ask: AskPassphrase = async (keyFile, attempt) => {
      log.asking += 1
      return await passphrase(keyFile, attempt).finally(() => {
        log.asking -= 1
      })
    }
    const failed = (why: unknown) => noteLocked(log, file, why, place)
    return { type: 'agent', username, agent: toAgent(file, publicKey, ask, failed) }
  }
  return { label: path, method }
}
