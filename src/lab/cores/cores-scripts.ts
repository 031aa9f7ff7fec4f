// What the programs of parts/cores do on a simulated node, told by their names.
import { failed, type Machine, ok, type Program } from '../host/machine.ts'
import { putText, textAt } from '../host/state.ts'
import { systemctl } from '../router/systemctl.ts'
import type { GuestState } from '../world.ts'
import { CONFIG, hasLine, placedThreads, siblingsOf, startedThreads, type Thread } from './threads.ts'

const MARKS = '/var/lib/orion/cores'
const UNIT = 'orion-cores.service'
const UNIT_FILE = `/etc/systemd/system/${UNIT}`

const vmsOf = ({ world, node }: Machine): GuestState[] =>
  Object.values(world.state.guests).filter((guest) => guest.node === node && guest.kind === 'qemu')

/** `orion-cores-look`: processors, who has which of them by his settings, by orion's marks and in truth. */
const look: Program = (machine) => {
  const { world, node, host } = machine
  const threads = world.state.hardware.nodes.find(({ name }) => name === node)?.threads ?? 1
  const cpus = Array.from({ length: threads }, (_, cpu) => `cpu ${cpu} 1 ${siblingsOf(threads, cpu)} 0 0`)
  const stored = vmsOf(machine).flatMap(({ vmid, config, pending }) => {
    const affinity = pending.affinity === undefined ? config.affinity : pending.affinity
    return affinity === undefined || affinity === null ? [] : [`stored ${vmid} ${affinity}`]
  })
  const marks = Object.keys(host.files).filter((path) => path.startsWith(`${MARKS}/`))
  const ours = marks.map((path) => `ours ${path.slice(MARKS.length + 1)} ${(textAt(host, path) ?? '').trim()}`)
  const running = vmsOf(machine).filter(({ status }) => status === 'running')
  const lines = [
    ...cpus,
    ...stored,
    ...ours,
    ...running.flatMap((guest) => threadLines(machine, guest)),
    ...groups(machine),
  ]
  return ok(`${lines.join('\n')}\n`)
}

function threadLines({ world }: Machine, guest: GuestState): string[] {
  const { vcpus, other } = guest.threads ?? startedThreads(world, guest)
  const text = ({ policy, priority, cpus }: Thread) => `${policy} ${priority} ${cpus}`
  return [...vcpus.map((one, at) => `vcpu ${guest.vmid} ${at} ${text(one)}`), `other ${guest.vmid} ${text(other)}`]
}

function groups({ host }: Machine): string[] {
  const rest = textAt(host, UNIT_FILE) === undefined ? undefined : restOf(textAt(host, CONFIG))
  const slices = ['system.slice', 'user.slice', 'init.scope'].map((name) => {
    const text = textAt(host, `/etc/systemd/system/${name}.d/90-orion-cores.conf`)
    return `cgroup ${name} ${/^AllowedCPUs=(.+)$/m.exec(text ?? '')?.[1] ?? '-'}`
  })
  return [`cgroup lxc ${rest ?? '-'}`, ...slices]
}

const restOf = (text: string | undefined): string | undefined => /^rest (.*)$/m.exec(text ?? '')?.[1]

/** `orion-cores-activate …`: the unit runs where its file is there. */
const activate: Program = async (machine, _, io) => {
  if (textAt(machine.host, UNIT_FILE) !== undefined) {
    await systemctl(machine, ['enable', UNIT], io)
    return systemctl(machine, ['restart', UNIT], io)
  }
  delete machine.host.units[UNIT]
  return ok()
}

/** `orion-cpu-pins VMID DIGEST AFFINITY HOOK …`: `=` stays, `-` goes, `own:` is not orion's choice. One that fails keeps no other from it. */
const pins: Program = async (machine, words) => {
  const { host, world } = machine
  const errors: string[] = []
  for (let at = 0; at + 3 < words.length; at += 4) {
    const [vmid = '', digest = '', affinity = '=', hook = '='] = words.slice(at, at + 4)
    const isOwn = affinity.startsWith('own:')
    const wrong = await setPins(machine, vmid, digest, { affinity: affinity.replace(/^own:/, ''), hookscript: hook })
    if (wrong !== undefined) {
      errors.push(wrong)
      continue
    }
    const mark = `${MARKS}/${vmid}`
    if (isOwn || affinity === '-') delete host.files[mark]
    else if (affinity !== '=') putText(host, mark, `${affinity}\n`)
    const guest = world.state.guests[vmid]
    if (guest?.status === 'running' && (affinity === '-' || hasLine(host, guest.vmid)))
      guest.threads = placedThreads(world, guest)
  }
  world.changed()
  return errors.length === 0 ? ok() : failed(1, errors.join('\n'))
}

async function setPins(
  { api, node }: Machine,
  vmid: string,
  digest: string,
  wanted: Readonly<Record<'affinity' | 'hookscript', string>>,
): Promise<string | undefined> {
  const changed = Object.entries(wanted).filter(([, value]) => value !== '=')
  if (changed.length === 0) return undefined
  const set = Object.fromEntries(changed.filter(([, value]) => value !== '-'))
  const drop = changed.filter(([, value]) => value === '-').map(([key]) => key)
  const params = { ...set, ...(drop.length > 0 ? { delete: drop.join(',') } : {}), digest }
  const answer = await api('PUT', `/nodes/${node}/qemu/${vmid}/config`, params)
  if (answer.status === 200) return undefined
  const errors = Object.entries((answer.body?.errors ?? {}) as Record<string, string>)
  const message = String(answer.body?.message ?? answer.reason).trim()
  return [message, ...errors.map(([name, text]) => `${name}: ${text.trim()}`)].join('\n')
}

export const coresScripts: Readonly<Record<string, Program>> = {
  'orion-cores-look': look,
  'orion-cores-activate': activate,
  'orion-cpu-pins': pins,
}
