// The answers for Windows Setup: a disc with a password on it, made before its VM and gone as soon as Windows is installed.
import { OrionError } from '../errors.ts'
import type { Difference, Outside, Resource, ResourceId } from '../resource.ts'
import type { Guest, Site } from '../site/site.ts'
import { ANSWER_DRIVE, answerPlace } from './answer-place.ts'
import { guestApi } from './guest-api.ts'
import { type GuestState, readGuest, waitUnlocked } from './guest-state.ts'
import type { Doing } from './guest-task.ts'
import { readSecrets, type SecretRefs } from './host-secrets.ts'
import { contentToList } from './image-place.ts'
import { volumes } from './shared-reads.ts'

export interface AnswerIsoOptions {
  readonly site: Site
  readonly guest: Guest
  readonly needs: readonly ResourceId[]
  readonly secrets: SecretRefs
  /** Pure: the two files of the disc (Setup's answers, what the first logon runs), given the secrets by name. */
  files(secrets: ReadonlyMap<string, string>): readonly [answers: string, logon: string]
  /** POSIX; argument: the path of the disc; both files in base64, a line each, on standard input. */
  readonly build: string
  /** POSIX; argument: the path of the disc. */
  readonly clear: string
}

interface AnswerIso {
  /** undefined = the VM is not there (yet). */
  readonly state: GuestState | undefined
  readonly isStored: boolean
  readonly isAttached: boolean
  /** The guest agent answers, which the last step of Setup installs. */
  readonly isInstalled: boolean
}

export const answerIsoId = ({ node, vmid }: Pick<Guest, 'node' | 'vmid'>): ResourceId => `answer-iso:${node}/${vmid}`

/**
 * Absent only before its VM. A VM that is there without the disc is installed, or somebody else's work: it never gets one.
 * Errors: E_SECRET where the disc is to be made and the password cannot be had; E_IMAGE; E_HOST_COMMAND.
 */
export function answerIso(options: AnswerIsoOptions): Resource<AnswerIso> {
  const { site, guest, needs } = options
  const place = answerPlace(site, guest)
  // One that this run has made for a VM that is about to be.
  let isMade = false
  const make = async (outside: Outside) => {
    await build(options, place.path, outside)
    isMade = true
  }
  return {
    id: answerIsoId(guest),
    title: guest.name,
    brief: `answers for Windows Setup on ${place.storage}, until it is installed`,
    needs,
    observe: async (outside) => {
      const have = await look(options, outside)
      // Asked for now: a password that cannot be had is an error of the plan.
      if (isWanted(have) && !isMade) await readAnswers(options, outside)
      return have.state === undefined && !have.isStored ? undefined : have
    },
    diff: (have) =>
      diffAnswers(guest, place.volid, isMade && have?.state === undefined && have?.isStored ? AS_MADE : have),
    create: make,
    update: async (outside, have, note) => {
      if (isWanted(have)) return make(outside)
      if (have.state !== undefined && have.isAttached) await takeOut(guest, have.state, { outside, note })
      await clear(options, place.path, outside)
    },
    remove: (outside) => clear(options, place.path, outside),
  }
}

const AS_MADE = 'as made'

/** Is a new disc to be made? */
function isWanted({ state, isAttached, isStored, isInstalled }: AnswerIso): boolean {
  return state === undefined || (isAttached && !isStored && !isInstalled)
}

function diffAnswers(guest: Guest, volid: string, have: AnswerIso | typeof AS_MADE | undefined): readonly Difference[] {
  if (have === AS_MADE) return []
  const field = 'answers'
  if (have === undefined) return [{ field, want: volid }]
  const { state, isAttached, isStored, isInstalled } = have
  if (state === undefined) return [{ field, have: 'left behind', want: 'made anew' }]
  if (isWanted(have)) return [{ field, have: 'missing', want: volid }]
  if (isInstalled || !isAttached) return isAttached || isStored ? [{ field, have: volid, want: 'removed' }] : []
  const { name } = guest
  const hint = state.running
    ? `Windows Setup runs: once ${name} is installed, orion vm apply --only ${name} removes its answers. Nothing on its screen: orion vm stop ${name}, then orion vm start ${name}`
    : `Windows Setup goes on when it is started: orion vm start ${name}`
  return [{ field, have: 'in its drive', want: 'removed when it is installed', waits: 'operator', hint }]
}

async function look({ site, guest }: AnswerIsoOptions, outside: Outside): Promise<AnswerIso> {
  const { storage, volid } = answerPlace(site, guest)
  const cluster = outside.pve.cluster(guest.node)
  const state = await readGuest(site, guest, outside)
  const listed = await volumes(cluster, guest.node, storage, contentToList(site, storage, guest.node))
  const { active = '', next = '' } = state?.settings.get(ANSWER_DRIVE) ?? {}
  const isAttached = active.startsWith(`${volid},`) || next.startsWith(`${volid},`)
  const isInstalled = isAttached && state?.running === true && (await hasAgent(guest, state, outside))
  return { state, isStored: listed.some((one) => one.volid === volid), isAttached, isInstalled }
}

/** Does the guest agent answer? 500 = not (yet). */
async function hasAgent(guest: Guest, { node }: GuestState, outside: Outside): Promise<boolean> {
  try {
    await outside.pve.cluster(guest.node).api.nodes.$(node).qemu.$(guest.vmid).agent.ping.$post()
    return true
  } catch (error) {
    if (error instanceof Error && /guest agent|not running|got timeout/i.test(error.message)) return false
    throw error
  }
}

const LIMIT_MS = 120_000

async function build(options: AnswerIsoOptions, path: string, outside: Outside): Promise<void> {
  const secrets = await readAnswers(options, outside)
  const lines = options.files(secrets).map((text) => Buffer.from(text).toString('base64'))
  const host = await outside.host(options.guest.node)
  await host.run(['sh', '-c', options.build, 'orion-answer-iso', path], {
    input: `${lines.join('\n')}\n`,
    secrets: [...secrets.values(), ...lines],
    timeoutMs: LIMIT_MS,
  })
  outside.pve.forget() // The connection to the API knows nothing of it.
}

function readAnswers({ guest, secrets }: AnswerIsoOptions, outside: Outside): Promise<ReadonlyMap<string, string>> {
  return readSecrets(`Windows on ${guest.name}`, secrets, outside)
}

/** Emptied first, which a running guest takes at once; a SATA drive itself goes when it is stopped. */
async function takeOut(guest: Guest, have: GuestState, { outside }: Doing): Promise<void> {
  await waitUnlocked(guest, have.node, outside, have)
  const api = guestApi(outside.pve.cluster(guest.node), guest.kind, have.node, guest.vmid)
  await api.configure({
    [ANSWER_DRIVE]: 'none,media=cdrom',
    ...(have.digest === undefined ? {} : { digest: have.digest }),
  })
  await api.configure({ delete: ANSWER_DRIVE })
}

async function clear({ guest, clear: text }: AnswerIsoOptions, path: string, outside: Outside): Promise<void> {
  const host = await outside.host(guest.node)
  try {
    await host.run(['sh', '-c', text, 'orion-answer-iso-clear', path])
  } catch (error) {
    if (!(error instanceof OrionError)) throw error
    const suggestions = [`it holds a password: on ${host.name}, as root: rm ${path}`, ...error.suggestions]
    throw new OrionError(error.message, { code: error.code, recheck: error.recheck, cause: error, suggestions })
  }
  outside.pve.forget()
}
