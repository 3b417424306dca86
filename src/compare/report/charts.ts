import type { EfficiencyBin } from '../efficiency.ts'
import type { MatchedRoc } from '../matched.ts'
import type { FrameSummary, ScoreEntry } from '../physics.ts'
import type { Html } from './html.ts'
import { classColour } from './style.ts'
import { drawChart, textColour } from './vega-chart.ts'

/**
 * LEMON's cuts on the light density, real AmBe neutrons against 5.9 keV X-rays of 55Fe (arXiv 2007.12508):
 * total nuclear recoil efficiency against rejected 55Fe. Its signal spans 1 to 100 keV, so it is no ROC at
 * equal energy.
 */
export const lemonAnchors = [
  { efficiency: 0.5, rejection: 0.965, label: 'LEMON δ > 10' },
  { efficiency: 0.4, rejection: 0.992, label: 'LEMON δ > 11' },
] as const

const width = 500
const height = 300

/** Nuclear recoil efficiency against electron recoil rejection at equal energy, with the published points. */
export function rocChart(roc: MatchedRoc): Promise<Html> {
  const curve = roc.curve.map((point, order) => ({ ...point, order }))
  const ticks = { format: '.0%', values: [0, 0.2, 0.4, 0.6, 0.8, 1] }
  const x = axis('efficiency', 'nuclear recoils kept', [0, 1], ticks)
  const y = axis('rejection', 'electron recoils rejected', [0, 1.09], ticks)
  const anchors = { values: [...lemonAnchors] }
  return drawChart(
    {
      width,
      height,
      layer: [
        {
          data: {
            values: [
              { efficiency: 0, rejection: 1 },
              { efficiency: 1, rejection: 0 },
            ],
          },
          mark: { type: 'line', strokeDash: [3, 4], color: textColour, opacity: 0.4, strokeWidth: 1 },
          encoding: { x, y },
        },
        {
          data: { values: curve },
          mark: { type: 'line', color: classColour.nuclear, strokeWidth: 2.2 },
          encoding: { x, y, order: { field: 'order' } },
        },
        {
          data: anchors,
          mark: { type: 'point', shape: 'diamond', size: 90, color: textColour, strokeWidth: 1.5 },
          encoding: { x, y },
        },
        {
          data: anchors,
          mark: { type: 'text', dy: -13, color: textColour },
          encoding: { x, y, text: { field: 'label' } },
          transform: [{ filter: 'datum.efficiency == 0.4' }],
        },
        {
          data: anchors,
          mark: { type: 'text', align: 'left', dx: 10, dy: 5, color: textColour },
          encoding: { x, y, text: { field: 'label' } },
          transform: [{ filter: 'datum.efficiency == 0.5' }],
        },
      ],
    },
    'Receiver operating characteristic at matched energy',
  )
}

/** Deposits with their light inside regions against keVee with one-sigma Wilson intervals and the counts below. */
export function efficiencyChart(bins: readonly EfficiencyBin[]): Promise<Html> {
  const values = bins.map((bin) => ({ ...bin, counts: `${bin.found}/${bin.tried}` }))
  const low = Math.min(...bins.map((bin) => bin.fromKeV))
  const high = Math.max(...bins.map((bin) => bin.toKeV))
  const x = {
    field: 'keV',
    type: 'quantitative' as const,
    title: 'keV electron equivalent',
    scale: { type: 'log' as const, domain: [low, high] as [number, number], nice: false },
    axis: { format: '~g', values: decades(low, high) },
  }
  const y = axis('value', 'deposits with light inside regions', [0, 1.18], {
    format: '.0%',
    values: [0, 0.25, 0.5, 0.75, 1],
  })
  const color = { value: classColour.electron }
  const labels = placeCounts(values, low, high)
  return drawChart(
    {
      width,
      height,
      data: { values },
      layer: [
        {
          mark: { type: 'rule', opacity: 0.45 },
          encoding: { x: { ...x, field: 'fromKeV' }, x2: { field: 'toKeV' }, y, color },
        },
        {
          mark: { type: 'rule', strokeWidth: 1.6 },
          encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color },
        },
        { mark: { type: 'point', filled: true, size: 42, opacity: 1 }, encoding: { x, y, color } },
        {
          data: { values: labels },
          mark: { type: 'text', fontSize: 9, baseline: 'bottom' },
          encoding: { x, y: { ...y, field: 'at' }, text: { field: 'counts' } },
        },
      ],
    },
    'Efficiency against energy',
  )
}

/** Two rows of counts above the points; a count that fits in neither is left out. */
function placeCounts<T extends { keV: number; counts: string }>(
  bins: readonly T[],
  low: number,
  high: number,
): (T & { at: number })[] {
  const rows = [
    { at: 1.03, end: -Infinity },
    { at: 1.1, end: -Infinity },
  ]
  return bins.flatMap((bin) => {
    const centre = ((width - 60) * Math.log(bin.keV / low)) / Math.log(high / low)
    const half = 2.6 * bin.counts.length + 2
    const row = rows.find(({ end }) => centre - half > end)
    if (row === undefined) return []
    row.end = centre + half
    return [{ ...bin, at: row.at }]
  })
}

/** 1, 2, 5 per decade between two energies. */
function decades(low: number, high: number): number[] {
  const values: number[] = []
  const sparse = high / low > 300
  for (let power = -3; power <= 5; power++)
    for (const digit of sparse ? [1] : [1, 2, 5]) {
      const value = digit * 10 ** power
      if (value >= low * 0.999 && value <= high * 1.001) values.push(value)
    }
  return values
}

/** Nuclear minus electron score by true class, or by the class that won where there is no truth. */
export function scoreChart(scores: readonly ScoreEntry[], byTruth: boolean): Promise<Html> {
  const groups = { nuclear: 'nuclear', electron: 'electron', other: 'other' } as const
  const known = scores.flatMap((s) =>
    byTruth && s.truth === null ? [] : [{ ...s, group: byTruth ? s.truth! : s.winner }],
  )
  const least = known.reduce((a, s) => Math.min(a, s.score), Infinity)
  const most = known.reduce((a, s) => Math.max(a, s.score), -Infinity)
  const step = roundStep((most - least + 1) / 30)
  const first = Math.floor(least / step)
  const bins = Math.floor(most / step) - first + 1
  const values = Object.values(groups).flatMap((group) => {
    const counts = new Array<number>(bins).fill(0)
    for (const s of known) if (s.group === group) counts[Math.floor(s.score / step) - first]!++
    return counts.flatMap((n, i) =>
      n === 0 ? [] : [{ group, n, from: (first + i) * step, to: (first + i + 1) * step }],
    )
  })
  return drawChart(
    {
      width,
      height,
      data: { values },
      mark: { type: 'bar', opacity: 0.9, binSpacing: 1 },
      encoding: {
        x: {
          field: 'from',
          type: 'quantitative',
          bin: 'binned',
          title: 'nuclear score − electron score',
          axis: { format: '~s', tickCount: 7, grid: false },
        },
        x2: { field: 'to' },
        y: {
          field: 'n',
          type: 'quantitative',
          title: 'clusters',
          stack: 'zero',
          axis: { tickMinStep: 1, format: 'd' },
        },
        color: {
          field: 'group',
          type: 'nominal',
          scale: {
            domain: Object.keys(groups),
            range: Object.keys(groups).map((g) => classColour[g as keyof typeof groups]),
          },
          legend: { title: null },
        },
        order: { field: 'group' },
      },
    },
    'Histogram of classifier scores',
  )
}

/** The next 1, 2 or 5 times a power of ten. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)))
  return power * ([1, 2, 5].find((digit) => digit * power >= least) ?? 10)
}

/** Share of each frame that would be kept. */
export function areaChart(frames: readonly FrameSummary[]): Promise<Html> {
  const values = frames.map((f) => ({ frame: f.frame, kept: 1 - f.areaDiscarded }))
  const many = values.length > 60
  const every = Math.ceil(values.length / 15)
  const shown = values.flatMap(({ frame }, i) => (i % every === 0 ? [frame] : []))
  return drawChart(
    {
      width,
      height,
      data: { values },
      mark: many
        ? { type: 'point', filled: true, size: 12, color: classColour.electron }
        : { type: 'bar', color: classColour.electron },
      encoding: {
        x: many
          ? {
              field: 'frame',
              type: 'quantitative',
              title: 'frame',
              axis: { format: 'd' },
              scale: { zero: false },
            }
          : {
              field: 'frame',
              type: 'ordinal',
              title: 'frame',
              axis: { labelAngle: 0, grid: false, values: shown },
            },
        y: { field: 'kept', type: 'quantitative', title: 'area kept', axis: { format: '~%' } },
      },
    },
    'Area kept per frame',
  )
}

function axis(field: string, title: string, domain: [number, number], options: object = {}) {
  return {
    field,
    type: 'quantitative',
    title,
    scale: { domain, nice: false },
    axis: options,
  } as const
}
