// Options that virtual machines and containers share, as rows of one table.
import type { Guest, Image, Site } from '../site/site.ts'
import { markTags, parseTags } from './guest-identity.ts'
import { ownedProperties, parseProperties } from './property-string.ts'
import { isRootOnly } from './root-only.ts'
import type { Wanted } from './setting.ts'

/** One option: how to say it, and what else is known of it. A new option is one more row. */
export interface Option extends Omit<Wanted, 'value'> {
  /** The value to send; '' = must not be set; undefined = the site file does not say, so it is not looked at. */
  readonly want: (guest: Guest, site: Site, image: Image | undefined) => string | undefined
}

/** The rows that this guest's site file says something about. */
export function wantedRows(options: readonly Option[], guest: Guest, site: Site, image?: Image): readonly Wanted[] {
  return options.flatMap(({ want, ...row }) => {
    const value = want(guest, site, image)
    return value === undefined ? [] : [withChannel(guest, { ...row, value })]
  })
}

/** The row, marked where only root@pam may set it. */
export function withChannel(guest: Guest, row: Wanted): Wanted {
  return isRootOnly(guest, row.key, row.value) ? { ...row, channel: 'root' } : row
}

/** 0/1, as forms take a boolean. */
export function flag(value: boolean): string {
  return value ? '1' : '0'
}

export const COMMON_OPTIONS: readonly Option[] = [
  { key: 'cores', want: ({ cores }) => String(cores) },
  {
    key: 'memory',
    want: ({ memoryMib }) => String(memoryMib),
    absent: '512',
    normal: (text) => text.replace(/^current=/, ''),
  },
  { key: 'onboot', want: ({ onboot }) => flag(onboot), absent: '0' },
  { key: 'protection', want: ({ protection }) => flag(protection), absent: '0' },
  {
    key: 'startup',
    want: startup,
    normal: (text) => ownedProperties(parseProperties(text, 'order'), { order: '', up: '', down: '' }),
  },
  { key: 'tags', want: tags, normal: (text) => parseTags(text).join(';') },
  // Containers give their description back with a newline at its end.
  { key: 'description', want: ({ description }) => description, normal: (text) => text.trimEnd() },
  { key: 'nameserver', want: ({ dns }) => listed(dns), normal: words },
  { key: 'searchdomain', want: ({ searchDomain }) => searchDomain, normal: words },
  { key: 'hookscript', want: ({ hookscript }) => hookscript },
]

function startup({ startup: wish }: Guest): string | undefined {
  if (wish === undefined) return undefined
  const parts = [
    ['order', wish.order],
    ['up', wish.upSeconds],
    ['down', wish.downSeconds],
  ]
  return parts.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`])).join(',')
}

function tags(guest: Guest, site: Site): string {
  return parseTags([...guest.tags, ...markTags(site)].join(';')).join(';')
}

function listed(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.join(' ')
}

function words(text: string): string {
  return text
    .trim()
    .split(/[\s,;]+/)
    .join(' ')
}
