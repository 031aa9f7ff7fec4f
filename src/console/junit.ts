// What the live checks saw as JUnit XML, as CI systems read it: a suite for each part and node, a case for each check.
import type { VerifyReport, VerifyStep } from '../engine/verify.ts'
import { getParts, getProbeLabel } from './text.ts'

/** Pure. One document of XML 1.0 in UTF-8, ended with a line feed. */
export function renderJunit(report: VerifyReport): string {
  const { site, started, ms, probes } = report
  const suites = group(probes)
  const head = {
    name: `orion verify ${site}`,
    ...toCounts(probes),
    time: toSeconds(ms),
    timestamp: toTimestamp(started),
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${toAttributes(head)}>`,
    ...[...suites].flatMap(([name, steps]) => renderSuite(name, steps, started)),
    '</testsuites>\n',
  ].join('\n')
}

/** What kept the checks from running, as a document with one case that could not be run. Pure. */
export function renderJunitError({ code, message }: { readonly code: string; readonly message: string }): string {
  const counts = { tests: '1', failures: '0', errors: '1', skipped: '0' }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${toAttributes({ name: 'orion verify', ...counts })}>`,
    `  <testsuite${toAttributes({ name: 'orion verify', ...counts })}>`,
    `    <testcase${toAttributes({ name: 'the checks run', classname: 'orion.verify', time: '0.000' })}>`,
    `      <error${toAttributes({ message: toFirstLine(message), type: code })}>${toXml(message)}</error>`,
    '    </testcase>',
    '  </testsuite>',
    '</testsuites>\n',
  ].join('\n')
}

/** By part and place, in the order in which they come. */
function group(probes: readonly VerifyStep[]): ReadonlyMap<string, readonly VerifyStep[]> {
  const suites = new Map<string, VerifyStep[]>()
  for (const step of probes) {
    const name = [step.part ?? getParts(step)[0], step.place ?? ''].filter((word) => word !== '').join(' ')
    const suite = suites.get(name)
    if (suite) suite.push(step)
    else suites.set(name, [step])
  }
  return suites
}

function renderSuite(name: string, steps: readonly VerifyStep[], started: string): string[] {
  // Checks of a suite run side by side: the longest is how long it took.
  const ms = Math.max(0, ...steps.map((step) => step.ms))
  const head = { name, ...toCounts(steps), time: toSeconds(ms), timestamp: toTimestamp(started) }
  return [`  <testsuite${toAttributes(head)}>`, ...steps.flatMap((step) => renderCase(name, step)), '  </testsuite>']
}

/** The id as the class, with dots as a tree is made of them: it stays the same from run to run. */
function renderCase(suite: string, step: VerifyStep): string[] {
  const { id, state, expected, seen, hint, since, ms } = step
  const head = { name: getProbeLabel(step), classname: `orion.${suite.replaceAll(/[ .]+/g, '.')}`, time: toSeconds(ms) }
  const text = [
    `expected: ${expected}`,
    `seen:     ${seen}`,
    ...(since === undefined ? [] : [`since:    ${since}`]),
    ...(hint === undefined ? [] : [`try:      ${hint}`]),
    `check:    ${id}`,
  ].join('\n')
  if (state === 'ok') return [`    <testcase${toAttributes(head)}/>`]
  const inner =
    state === 'warning'
      ? `<system-out>${toXml(`warning\n${text}`)}</system-out>`
      : `<${TAGS[state]}${toAttributes({ message: toFirstLine(seen), type: state })}>${toXml(text)}</${TAGS[state]}>`
  return [`    <testcase${toAttributes(head)}>`, `      ${inner}`, '    </testcase>']
}

/** What could not be checked is an error of the test; a warning is none, and is told beside it. */
const TAGS = { failed: 'failure', unknown: 'error' } as const

function toCounts(steps: readonly VerifyStep[]): Readonly<Record<string, string>> {
  const of = (state: VerifyStep['state']): string => String(steps.filter((step) => step.state === state).length)
  return { tests: String(steps.length), failures: of('failed'), errors: of('unknown'), skipped: '0' }
}

const toSeconds = (ms: number): string => (ms / 1000).toFixed(3)

/** The schema of JUnit reports knows neither fractions nor a zone; it is UTC. */
const toTimestamp = (iso: string): string => iso.slice(0, 19)

const toFirstLine = (text: string): string => text.split('\n')[0] ?? ''

function toAttributes(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${toXml(value).replaceAll('\n', '&#10;')}"`)
    .join('')
}

/** XML 1.0, section 2.2: no other control characters, halves of surrogate pairs or the last two of the plane are allowed. */
const FORBIDDEN = /[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text for an element or an attribute; what XML does not allow becomes U+FFFD, also what a terminal would obey. */
function toXml(text: string): string {
  const allowed = text
    .replaceAll('\r\n', '\n')
    .replaceAll(FORBIDDEN, '\ufffd')
    .replaceAll(/[\u007f-\u009f]/g, '\ufffd')
  return allowed.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}
