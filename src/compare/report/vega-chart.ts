import type { TopLevelSpec } from 'vega-lite'
import { Html } from './html.ts'

/** Stands for the colour of the surrounding text, so that a chart follows light and dark pages. */
export const textColour = '#010203'
const gridColour = '#808890'

/**
 * Draws a Vega-Lite specification as inline SVG; Vega is loaded on first use.
 * @param alt what the chart shows, different for every chart of a page
 */
export async function drawChart(spec: TopLevelSpec, alt: string): Promise<Html> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
  const styled = {
    ...spec,
    background: 'transparent',
    autosize: { type: 'fit', contains: 'padding' },
    config,
  } as TopLevelSpec
  const view = new vega.View(vega.parse(compile(styled).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  // Clip paths are named alike in every chart; on one page the first one would win.
  const unique = alt.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return new Html(
    svg
      .replace(/ (xmlns|xmlns:xlink|version|aria-[a-z]+|role)="[^"]*"/g, '')
      .replace(/(id="|url\(#)((?:clip|gradient)[\w-]*)/g, `$1${unique}-$2`)
      .replaceAll(textColour, 'currentColor')
      .replace(/^<svg/, `<svg role="img" aria-label="${alt.replaceAll('"', '&quot;')}"`)
      .replace('class="marks"', 'class="chart"'),
  )
}

/** The chart as a file: in a page namespace and colour of text come from there, a file of its own has to bring them. */
export function standaloneSvg({ text }: Html): string {
  return `${text.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg" color="#1b1f24" style="background: #ffffff"')}\n`
}

const config = {
  font: 'system-ui, DejaVu Sans, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: textColour,
    titleColor: textColour,
    domainColor: gridColour,
    tickColor: gridColour,
    gridColor: gridColour,
    gridOpacity: 0.22,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titlePadding: 8,
    labelOverlap: 'greedy',
  },
  legend: {
    labelColor: textColour,
    titleColor: textColour,
    labelFontSize: 11.5,
    symbolSize: 90,
    orient: 'top',
    title: null,
    offset: 6,
  },
  text: { color: textColour, fontSize: 11 },
  rule: { color: textColour },
} as const
