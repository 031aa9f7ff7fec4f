// Findings of the site file as they are shown on stderr: wrapped for a terminal, as they are for a log.
import type { Located } from '../site/site.ts'

/** One text for each. */
export async function showFindings(findings: readonly Located[]): Promise<readonly string[]> {
  const { formatFinding } = await import('../site/finding.ts')
  if (!process.stderr.isTTY) return findings.map(formatFinding)
  const { renderFinding } = await import('../console/finding-view.ts')
  const { getLook } = await import('../console/output.ts')
  const look = getLook(process.stderr)
  return findings.map((finding) => renderFinding(formatFinding({ ...finding, frame: '' }), finding.frame, look))
}
