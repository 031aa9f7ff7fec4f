// `orion-mesh-psk VERB …` on a simulated host: the exchange, keys put in place and changed, and what of all that can be told.
import { failed, type Machine, type Output, ok, type Program } from '../host/machine.ts'
import { textAt } from '../host/state.ts'
import { identityOf, isPostQuantum, keyAt, newKey, opensslOf, publicOf, putKey } from './mesh-keys.ts'
import { meshOf } from './mesh-state.ts'
import { accept, answer, clean, confirm, offer } from './psk-exchange.ts'
import { drop, fail, isOpen, move, pskId } from './psk-files.ts'
import { onIdentity } from './psk-identity.ts'
import { apply, applyPair, back, finish, PSK_PROGRAM } from './psk-rotation.ts'
import { endOf, handshakeMs } from './wire.ts'

type Verb = (
  machine: Machine,
  name: string,
  words: readonly string[],
  input: string,
) => string | undefined | Promise<string>

const VERBS: Readonly<Record<string, Verb>> = {
  public: ({ host }, name) => {
    const identity = identityOf(host)
    return `wg ${publicOf(keyAt(host, `${name}.key`) ?? fail(`${name} has no key yet`))}\n${identity === undefined ? '' : `identity ${identity}\n`}`
  },
  offer: (machine, name, words) => begun(machine, name, () => offer(machine, name, words)),
  answer: (machine, name, words, input) => begun(machine, name, () => answer(machine, name, words, input)),
  accept: (machine, name, _, input) => guarded(machine, name, () => accept(machine, name, input)),
  confirm: (machine, name, _, input) => guarded(machine, name, () => confirm(machine, name, input)) ?? '',
  install: ({ host }, name, [id]) => {
    if (isOpen(host, name)) fail(`a rotation of ${name} is open`)
    if (pskId(host, `${name}.psk.new`) !== id && pskId(host, `${name}.psk`) !== id) fail(`no key of ${name} is staged`)
    if (meshOf(host).tunnels[name] !== undefined) fail(`${name} is up already: orion mesh rotate`)
    move(host, `${name}.psk.new`, `${name}.psk`)
    move(host, `${name}.state.new`, `${name}.state`)
    return ''
  },
  apply: (machine, name, [id]) => apply(machine, name, id ?? ''),
  back: (machine, name) => back(machine, name),
  finish: (machine, name) => finish(machine, name),
  abort: (machine, name) => {
    clean(machine, name)
    drop(machine.host, `${name}.key.new`)
    return ''
  },
  'key-stage': ({ host }, name) => {
    if (isOpen(host, name)) fail(`a rotation of ${name} is open`)
    const key = newKey()
    putKey(host, `${name}.key.new`, key)
    return `wg ${publicOf(key)}\n`
  },
  'key-apply': (machine, name, words) => applyPair(machine, name, words),
}

function begun(machine: Machine, name: string, make: () => string): string {
  if (isOpen(machine.host, name)) fail(`a rotation of ${name} is open`)
  clean(machine, name)
  return guarded(machine, name, make)
}

function guarded<T>(machine: Machine, name: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    clean(machine, name)
    throw error
  }
}

function look(machine: Machine, names: readonly string[]): string {
  const { host, world } = machine
  const now = Math.floor(world.now() / 1000)
  const program = textAt(host, PSK_PROGRAM) === undefined ? 'no' : 'yes'
  const lines = names.map((name) => {
    const end = endOf(machine, name)
    const state = /^(kind=\S+ at=\S+) id=\S+$/.exec(keyAt(host, `${name}.state`) ?? '')?.[1] ?? 'kind=- at=-'
    const key = keyAt(host, `${name}.key`)
    return [
      `${name} interface=${end ? 'up' : 'none'} ${state} id=${pskId(host, `${name}.psk`)} old=${pskId(host, `${name}.psk.old`)}`,
      `new=${pskId(host, `${name}.psk.new`)} key=${key === undefined ? '-' : publicOf(key)} peer=${end?.peer.publicKey ?? '-'}`,
      `pair=${keyAt(host, `${name}.key.old`) === undefined ? 'settled' : 'open'} live=${meshOf(host).live[name] ?? 'new'}`,
      `applied=${keyAt(host, `${name}.applied`) ?? '-'} handshake=${end ? Math.floor(handshakeMs(end) / 1000) : 0} now=${now}`,
    ].join(' ')
  })
  const head = `openssl=${opensslOf(host) ?? '-'} kem=${isPostQuantum(host) ? 'yes' : 'no'} watch=${program}`
  return [head, ...lines].map((line) => `${line}\n`).join('')
}

/** Which of its words are names of interfaces. */
const isName = (verb: string, at: number): boolean => verb === 'look' || at === 0

const VALID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/

/** As a file of the host and as `sh -c PROGRAM orion-mesh-psk VERB …` alike. */
export const orionPsk: Program = async (machine, [verb = '', ...words], io): Promise<Output> => {
  try {
    const strange = verb.startsWith('identity-')
      ? undefined
      : words.find((word, at) => isName(verb, at) && !VALID.test(word))
    if (strange !== undefined) return failed(1, `no name of an interface: ${strange}`)
    if (verb === 'look') return ok(look(machine, words))
    if (verb === 'resume') return ok()
    if (verb.startsWith('identity-')) return ok(onIdentity(machine, verb, words))
    const [name = '', ...rest] = words
    const act = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
    if (act === undefined) return failed(1, `no such verb: ${verb}`)
    const takesInput = verb === 'answer' || verb === 'accept' || verb === 'confirm'
    return ok(await act(machine, name, rest, takesInput ? (await io.input()).toString() : ''))
  } catch (error) {
    return failed(1, error instanceof Error ? error.message : String(error))
  } finally {
    machine.world.changed()
  }
}
