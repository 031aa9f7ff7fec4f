// What `orion bootstrap show` can make of a site.
import type { Site } from '../../site/site.ts'
import { renderHtml } from './html.ts'
import { renderMermaid } from './mermaid.ts'
import type { Picture } from './model.ts'
import { getPicture } from './picture.ts'
import { renderSvg } from './svg.ts'

export interface Drawn {
  readonly picture: Picture
  /** The whole file, and what is to be said about it. */
  render(format: 'svg' | 'html' | 'mermaid'): { readonly text: string; readonly warnings: readonly string[] }
}

/** Nothing is rendered before it is asked for. */
export function drawSite(site: Site): Drawn {
  const picture = getPicture(site)
  return {
    picture,
    render: (format) => {
      if (format === 'mermaid') return renderMermaid(picture)
      return { text: format === 'svg' ? renderSvg(picture) : renderHtml(picture), warnings: [] }
    },
  }
}
