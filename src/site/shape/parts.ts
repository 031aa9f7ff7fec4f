// Devices, the Keeper and the firewall: names resolved, defaults applied.
import { didYouMean } from '../nearest.ts'
import type { Device, Firewall, Keeper } from '../services.ts'
import type { Path } from '../site.ts'
import { type Context, compact } from './context.ts'

export function shapeDevices(context: Context): Device[] {
  return Object.entries(context.input.devices ?? {}).flatMap(([name, device]) => {
    const path: Path = ['devices', name]
    if (!context.has('nodes', device.node, [...path, 'node'])) return []
    const guest = device.guest === undefined ? undefined : context.guest(device.guest, [...path, 'guest'])
    const standby = (device.standby ?? []).flatMap((entry, index) => context.group(entry, [...path, 'standby', index]))
    const { adopted, ...rest } = device
    // What is to stay as it is is no work for anybody: no part sees it.
    if (adopted) return []
    return [compact({ ...rest, name, guest, standby, path: device.path ?? pathOf(device) })]
  })
}

/** What the drivers of a Coral (apex, gasket) call the first one. */
function pathOf({ ids, port }: { readonly ids: readonly string[]; readonly port?: string }): string | undefined {
  return port === undefined && ids.includes('1ac1:089a') ? '/dev/apex_0' : undefined
}

/** Names of the guests that may get a PCI device. */
export function pciGuests({ input, guests }: Context): ReadonlySet<string> {
  const devices = Object.values(input.devices ?? {}).filter(({ port }) => port === undefined)
  const names = devices.flatMap(({ guest, standby = [] }) => [...(guest === undefined ? [] : [guest]), ...standby])
  return new Set(names.flatMap((name) => guests.get(name) ?? []))
}

export function shapeKeeper(context: Context): Keeper | undefined {
  const { keeper } = context.input
  if (keeper === undefined) return undefined
  const { temperature, watchdog } = keeper
  const groups = (key: 'shed' | 'balloonIdle') =>
    (keeper[key] ?? []).flatMap((entry, index) => context.group(entry, ['keeper', key, index]))
  return compact({
    temperature: temperature && {
      limitCelsius: temperature.limit,
      resumeCelsius: temperature.resume,
      sensors: temperature.sensors ?? [],
    },
    metrics: keeper.metrics,
    shed: groups('shed'),
    balloonIdle: groups('balloonIdle'),
    watchdog: watchdog && insideOf(watchdog),
    serial: watchdog?.serial,
  })
}

function insideOf({ device, timeout }: { readonly device?: string; readonly timeout?: number }): Keeper['watchdog'] {
  return device === undefined || timeout === undefined ? undefined : { device, timeoutSeconds: timeout }
}

export function shapeFirewall(context: Context): Firewall | undefined {
  const { firewall } = context.input
  const router = firewall && context.guest(firewall.router, ['firewall', 'router'])
  if (firewall === undefined || router === undefined) return undefined
  return {
    router,
    allow: firewall.allow.map((rule, index) => ({
      from: rule.from.flatMap((name, at) => endsOf(context, name, ['firewall', 'allow', index, 'from', at])),
      to: rule.to.flatMap((name, at) => endsOf(context, name, ['firewall', 'allow', index, 'to', at])),
      tcp: rule.tcp ?? [],
      udp: rule.udp ?? [],
      icmp: rule.icmp,
    })),
    masquerade: (firewall.masquerade ?? []).filter((name, index) =>
      context.has('networks', name, ['firewall', 'masquerade', index]),
    ),
  }
}

/** A network, or the guests of this name. */
function endsOf(context: Context, name: string, path: Path): readonly string[] {
  const { networks = {} } = context.input
  if (Object.hasOwn(networks, name) || context.damaged('networks', name)) return [name]
  if (context.guests.has(name) || context.damaged('guests', name)) return context.group(name, path)
  context.report(
    path,
    `no network or guest is called "${name}"${didYouMean(name, [...Object.keys(networks), ...context.guests.keys()])}`,
  )
  return []
}
