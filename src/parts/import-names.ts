// Names of a site file for things that others have named: one label each, none twice.

/** A DNS label out of any name; '' where nothing of it can stay. Pure. */
export function toLabel(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9-]+/g, '-').replace(/^-+/, '')
  return plain.slice(0, 63).replace(/-+$/, '')
}

/** Keys of a map that mean something else to a program: the schema takes none of them for a name. */
const UNUSABLE = ['constructor', 'prototype']

/** Gives each name once, in any mix of letters; `otherwise` is unique by itself. */
export function newNames(taken: readonly string[]): (wanted: string, otherwise: string) => string {
  const used = new Set([...taken, ...UNUSABLE].map((name) => name.toLowerCase()))
  return (wanted, otherwise) => {
    const candidates = [toLabel(wanted), toLabel(`${toLabel(wanted).slice(0, 50)}-${otherwise}`), `guest-${otherwise}`]
    const found = candidates.find((name) => name !== '' && !used.has(name.toLowerCase())) ?? `guest-${otherwise}-0`
    used.add(found.toLowerCase())
    return found
  }
}
