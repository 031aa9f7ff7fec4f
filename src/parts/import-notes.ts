// What an import has to say: comments at their places in the site file, which are warnings on the screen, too.

/** Collects them while a site file is made. */
export interface Notes {
  /** At a path such as `guests.web.disks`; the same words at one place once. */
  note(path: string, text: string): void
  /** Path → comment, several lines by line feed. */
  comments(): Readonly<Record<string, string>>
  /** `guests.web.disks: …`, in the order in which they came. */
  warnings(): readonly string[]
}

/** Longer names and values say no more. */
const MOST = 240

export function newNotes(): Notes {
  const lines = new Map<string, string[]>()
  return {
    note: (path, text) => {
      const plain = clean(text)
      const known = lines.get(path) ?? []
      if (!known.includes(plain)) lines.set(path, [...known, plain])
    },
    comments: () => Object.fromEntries([...lines].map(([path, texts]) => [path, texts.join('\n')])),
    warnings: () =>
      [...lines].flatMap(([path, texts]) => texts.map((text) => (path === '' ? text : `${path}: ${text}`))),
  }
}

/** One line, whatever a host called its things. */
export function clean(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]+/gu, ' ').trim()
  return plain.length > MOST ? `${plain.slice(0, MOST - 1)}…` : plain
}
