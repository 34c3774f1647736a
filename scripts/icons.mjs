/**
 * Renders the icons from their drawings: `node scripts/icons.mjs`. The PNGs are committed, so that building needs
 * no renderer. assets/icon.svg → the app's icon; assets/tray.svg → the tray's, one group of it for each state.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Resvg } from '@resvg/resvg-js'

const assets = resolve(import.meta.dirname, '../assets')
const states = ['idle', 'building', 'attention', 'unreachable', 'paused']
/** Colours of the wheel and of the mark that asks for attention. */
const panels = {
  'on-dark': { ink: '#f4f4f2', mark: '#ffb454' },
  'on-light': { ink: '#26282c', mark: '#b35900' },
}
const template = { ink: '#000000', mark: '#000000' } // macOS: only the alpha channel counts

render('tray', (draw, save) => {
  for (const state of states) {
    for (const [panel, colours] of Object.entries(panels)) {
      for (const size of [16, 22, 24, 32, 48])
        save(`${state}-${panel}-${size}.png`, draw(state, colours), size)
    }
    save(`${state}Template.png`, draw(state, template), 16)
    save(`${state}Template@2x.png`, draw(state, template), 32)
  }
})
render('icon', (draw, save) => {
  for (const size of [16, 32, 48, 64, 128, 256, 512, 1024]) save(`${size}x${size}.png`, draw(), size)
})

/** Reads assets/NAME.svg and gives a way to draw one state of it and to write a picture into assets/NAME/. */
function render(name, work) {
  const drawing = readFileSync(join(assets, `${name}.svg`), 'utf8')
  const folder = join(assets, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const draw = (state, colours) =>
    state === undefined ? drawing : inColours(onlyState(drawing, state), colours)
  const save = (file, svg, size) =>
    writeFileSync(
      join(folder, file),
      new Resvg(svg, { fitTo: { mode: 'width', value: size } }).render().asPng(),
    )
  work(draw, save)
}

/** Groups carry the states they show in as `class`; the others are hidden. */
function onlyState(drawing, state) {
  return drawing.replace(/<g class="([^"]*)"/g, (group, classes) =>
    classes.split(' ').includes(state) ? group : `${group} display="none"`,
  )
}

function inColours(drawing, { ink, mark }) {
  return drawing.replaceAll('"ink"', `"${ink}"`).replaceAll('"mark"', `"${mark}"`)
}
