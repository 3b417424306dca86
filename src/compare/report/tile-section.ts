import { recoilClasses } from '../match.ts'
import type { Share, TileTriggerSummary } from '../tile-counter.ts'
import { percent } from './format.ts'
import { type Html, html, table } from './html.ts'

/** What the tile-deviation trigger would have kept of the frames, beside the clusters. */
export function tileTable(tiles: TileTriggerSummary | null): Html {
  if (tiles === null) return html`<p>The tile-deviation trigger was off.</p>`
  const row = (name: string, { part, all }: Share): string[][] =>
    all === 0 ? [] : [[name, `${part}`, `${all}`, percent(part / all)]]
  const rows = [
    ...row('frames in which it fired', tiles.fired),
    ...row('frames with clusters that it missed', tiles.missedWithClusters),
    ...row('frames without clusters in which it fired', tiles.firedWithoutClusters),
    ...row('frames known to be without light in which it fired', tiles.firedWithoutLight),
    ...recoilClasses.flatMap((c) =>
      row(`true deposits, ${c}, in frames that it missed`, tiles.missedDeposits[c]),
    ),
  ]
  return html`${table(['', 'number', 'of', 'share'], rows, [1, 2, 3])}
<p class="soft">It keeps or drops whole frames: it fired when the pixels of at least one tile spread more than its threshold
allows. It has no part in finding clusters.</p>`
}
