// Disk sizes as Proxmox VE writes them (`32G`, `32768M`, `4M`, `1.5T`), in bytes.

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 }

export const GIB = 1024 ** 3

/** Bytes of a size; undefined where the text is no size. */
export function parseSize(text: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text.trim())
  const unit = UNITS[(found?.[2] ?? '').toUpperCase()]
  return found === null || unit === undefined ? undefined : Math.round(Number(found[1]) * unit)
}

/** Bytes for people: whole GiB or MiB as `32G`, `512M`. */
export function printSize(bytes: number): string {
  if (bytes % GIB === 0) return `${bytes / GIB}G`
  return bytes % 1024 ** 2 === 0 ? `${bytes / 1024 ** 2}M` : `${bytes}B`
}
