/**
 * Scrolls a question into view so that nothing is cut in half above it: the whole step with its line where that
 * fits, else the question alone, its upper edge below the sheet's header.
 */
export function bringIntoView(card: HTMLElement): void {
  const step = card.closest('li')
  const view = card.closest('[data-scrolls]')
  if (!step || !view) {
    card.scrollIntoView({ block: 'nearest' })
    return
  }
  const { top, bottom } = view.getBoundingClientRect()
  const place = step.getBoundingClientRect()
  if (place.top >= top && place.bottom <= bottom) return
  const shown = place.height <= bottom - top ? step : card
  shown.scrollIntoView({ block: 'start' })
}
