import { type Html, html } from './html.ts'
import { type Area, placeLabels } from './labels.ts'
import type { BoxMark, TruthMark } from './picture-data.ts'
import type { GreyPicture } from './render.ts'
import { classColour } from './style.ts'

interface OverlayOptions {
  /** PNG pixels become this many units of the drawing. */
  readonly zoom: number
  readonly labels: boolean
  readonly alt: string
}

/**
 * A picture as inline SVG: the grey PNG, boxes in the colour of the class that won, and the true deposits as
 * four ticks around the centre of their light, so that the light itself stays visible.
 */
export function pictureSvg(
  image: GreyPicture,
  boxes: readonly BoxMark[],
  truth: readonly TruthMark[],
  { zoom, labels, alt }: OverlayOptions,
): Html {
  const width = image.width * zoom
  const height = image.height * zoom
  const scale = zoom / image.scale
  const shown = boxes
    .map((box) => ({ ...box, ...toDrawing(box.region, image, scale), text: box.label }))
    .filter((box) => box.x < width && box.y < height && box.x + box.width > 0 && box.y + box.height > 0)
  const fontSize = 10.5
  const places = labels ? placeLabels(shown, { width, height }, fontSize) : []
  const png = Buffer.from(image.png).toString('base64')
  return html`<svg class="picture" viewBox="0 0 ${round(width)} ${round(height)}" role="img" aria-label="${alt}">
<image width="${round(width)}" height="${round(height)}" href="data:image/png;base64,${png}"/>
<g fill="none">
${shown.map((box) => html`<rect x="${round(box.x)}" y="${round(box.y)}" width="${round(box.width)}" height="${round(box.height)}" stroke="${classColour[box.class]}" stroke-width="1.2"/>`)}
${truth.map((mark) => truthTicks(mark, image, scale, { width, height }))}
</g>
${
  labels &&
  html`<g font-size="${fontSize}" font-family="system-ui, DejaVu Sans, sans-serif" paint-order="stroke" stroke="#000" stroke-width="2.5" stroke-linejoin="round">
${places.flatMap((place, i) => (place === null ? [] : [html`<text x="${round(place.x)}" y="${round(place.y)}" fill="${classColour[shown[i]!.class]}">${place.text}</text>`]))}
</g>`
}
</svg>`
}

function toDrawing(region: Area, image: GreyPicture, scale: number): Area {
  return {
    x: (region.x - image.region.x) * scale,
    y: (region.y - image.region.y) * scale,
    width: region.width * scale,
    height: region.height * scale,
  }
}

function truthTicks(
  mark: TruthMark,
  image: GreyPicture,
  scale: number,
  picture: { readonly width: number; readonly height: number },
): Html {
  const x = (mark.x - image.region.x) * scale
  const y = (mark.y - image.region.y) * scale
  if (x < 0 || y < 0 || x > picture.width || y > picture.height) return html``
  // From close by the ticks stay off a round spot; on a whole frame they stay near it.
  const [near, far] = scale >= 1 ? [30, 40] : [4, 8]
  const tick = (dx: number, dy: number): string =>
    `M${round(x + dx * near)} ${round(y + dy * near)}L${round(x + dx * far)} ${round(y + dy * far)}`
  const path = tick(1, 0) + tick(-1, 0) + tick(0, 1) + tick(0, -1)
  return html`<path d="${path}" stroke="${classColour[mark.class]}" stroke-width="1.4"><title>true ${mark.label}</title></path>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
