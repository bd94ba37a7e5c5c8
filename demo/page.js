// What the page needs a script for.
//
// Gradio's controls leave out what some readers need. There is no setting for any of this.
// - A group of radio buttons or checkboxes has no name: a screen reader says "20", and not of what.
// - Each radio button is a group of its own, so the arrow keys do not move between them.
// - The names of a slider and a chat begin or consist of English words, whatever the language.
// Gradio draws its controls again and again, hence the observer.
() => {
  const ENGLISH = /^(number input for|range slider for) /
  let titles = 0

  const nameGroup = group => {
    const title = group.querySelector('[data-testid="block-info"]')
    if (!title) return
    title.id ||= `group-title-${++titles}`
    if (group.getAttribute('aria-labelledby') !== title.id) {
      group.setAttribute('aria-labelledby', title.id)
    }
    const radios = group.querySelectorAll('input[type=radio]')
    if (radios.length) group.setAttribute('role', 'radiogroup')
    radios.forEach(radio => { if (radio.name !== title.id) radio.name = title.id })
  }

  const complete = () => {
    planned = false
    document.querySelectorAll('fieldset').forEach(nameGroup)
    document.querySelectorAll('input[aria-label]').forEach(input => {
      const name = input.getAttribute('aria-label')
      if (ENGLISH.test(name)) input.setAttribute('aria-label', name.replace(ENGLISH, ''))
    })
  }

  let planned = false
  const plan = () => {
    if (!planned) requestAnimationFrame(complete)
    planned = true
  }
  new MutationObserver(plan).observe(document.body, {
    subtree: true, childList: true, attributeFilter: ['aria-label', 'name']
  })
  plan()

  // The report's frame is as high as the report, also when a part of it is opened. It is drawn anew
  // with every change of the report.
  const fit = frame => {
    const root = frame.contentDocument?.documentElement
    if (!root?.querySelector('h1')) return
    const set = () => { frame.style.height = `${root.offsetHeight + 2}px` }
    new ResizeObserver(set).observe(root)
    set()
    // In a frame without an address, a link to a place in the report would open the page itself.
    root.addEventListener('click', event => {
      const link = event.target.closest('a[href^="#"]')
      if (!link) return
      event.preventDefault()
      root.querySelector(link.getAttribute('href')).scrollIntoView()
    })
  }
  document.addEventListener('load', event => {
    if (event.target.matches?.('iframe.hl-report')) fit(event.target)
  }, true)

  // A frame prints no more than it shows. The report is printed from a copy of what is in its frame.
  addEventListener('beforeprint', () => {
    document.querySelectorAll('iframe.hl-report').forEach(frame => {
      const report = new DOMParser().parseFromString(frame.srcdoc, 'text/html')
      const copy = document.createElement('div')
      copy.className = 'hl-printed'
      const styles = report.querySelectorAll('style')
      copy.attachShadow({mode: 'open'}).append(...styles, ...report.body.childNodes)
      frame.after(copy)
    })
  })
  addEventListener('afterprint', () => {
    document.querySelectorAll('.hl-printed').forEach(copy => copy.remove())
  })
}
