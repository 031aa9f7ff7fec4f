// The appliance index: container templates that can be downloaded, and the system inside each.
export interface Appliance {
  /** File name, and what aplinfo calls it. */
  readonly template: string
  readonly os: string
  readonly version: string
  readonly package: string
  readonly headline: string
}

const STANDARD: readonly (readonly [os: string, release: string, version: string, suffix: string])[] = [
  ['alpine', '3.20-default', '20240908', 'tar.xz'],
  ['alpine', '3.21-default', '20241217', 'tar.xz'],
  ['alpine', '3.22-default', '20250617', 'tar.xz'],
  ['archlinux', 'base', '20240911-1', 'tar.zst'],
  ['debian', '11-standard', '11.7-1', 'tar.zst'],
  ['debian', '12-standard', '12.7-1', 'tar.zst'],
  ['debian', '12-standard', '12.12-1', 'tar.zst'],
  ['debian', '13-standard', '13.0-1', 'tar.zst'],
  ['debian', '13-standard', '13.1-2', 'tar.zst'],
  ['fedora', '42-default', '20250428', 'tar.xz'],
  ['rockylinux', '9-default', '20240912', 'tar.xz'],
  ['ubuntu', '22.04-standard', '22.04-1', 'tar.zst'],
  ['ubuntu', '24.04-standard', '24.04-2', 'tar.zst'],
]

/** Every template of the index, oldest first within a package. */
export const appliances: readonly Appliance[] = STANDARD.map(([os, release, version, suffix]) => ({
  template: `${os}-${release}_${version}_amd64.${suffix}`,
  os: os === 'rockylinux' ? 'centos' : os,
  version,
  package: `${os}-${release}`,
  headline: `${os} ${release.replace('-', ' (')})`,
}))

export interface System {
  readonly os: string
  /** Version of systemd; 0 where there is none. */
  readonly systemd: number
}

const SYSTEMD: readonly (readonly [RegExp, number])[] = [
  [/^debian-11/, 247],
  [/^debian-12/, 252],
  [/^debian-13/, 257],
  [/^ubuntu-22\.04/, 249],
  [/^ubuntu-24\.04/, 255],
  [/^(fedora|archlinux)/, 257],
  [/^(rockylinux|almalinux|centos)/, 252],
]
/** From this version on systemd wants to make namespaces of its own. */
const NESTING_SINCE = 242

/** What a template holds, told by its name: `local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst`. */
export function systemOf(volid: string): System {
  const file = volid.split('/').at(-1) ?? ''
  const os = /^[a-z]+/.exec(file)?.[0] ?? 'unmanaged'
  const known = appliances.find((appliance) => appliance.package.startsWith(os))
  return { os: known?.os ?? 'unmanaged', systemd: SYSTEMD.find(([pattern]) => pattern.test(file))?.[1] ?? 0 }
}

export function needsNesting({ systemd }: System): boolean {
  return systemd >= NESTING_SINCE
}
