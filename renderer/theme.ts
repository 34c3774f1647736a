import {
  ActionIcon,
  Button,
  createTheme,
  Menu,
  Modal,
  NumberInput,
  PasswordInput,
  TagsInput,
  TextInput,
  type VariantColorsResolver,
} from '@mantine/core'
import controls from './controls.module.css'

/** Three kinds of button, each in the accent or, for what takes something away, in `broken`. */
const variantColorResolver: VariantColorsResolver = ({ color, variant }) => {
  const tone = color === 'broken' ? 'broken' : 'accent'
  const border = '1px solid transparent'
  if (variant === 'filled') {
    const background = `var(--${tone})`
    return { background, hover: `var(--${tone}-hover)`, color: 'var(--on-accent)', border }
  }
  if (variant === 'subtle') {
    return { background: 'transparent', hover: 'var(--hover)', color: `var(--${tone})`, border }
  }
  const text = tone === 'broken' ? 'var(--broken)' : 'var(--ink)'
  return { background: 'var(--card)', hover: 'var(--hover)', color: text, border: '1px solid var(--line)' }
}

const field = { classNames: { input: controls.input, label: controls.label, description: controls.hint } }

/** Millwright's look for Mantine's parts; colours and sizes are in `tokens.css`. */
export const theme = createTheme({
  variantColorResolver,
  defaultRadius: 8,
  respectReducedMotion: true,
  cursorType: 'default',
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', size: 28 } }),
    Button: Button.extend({
      defaultProps: { variant: 'default', size: 'xs' },
      classNames: { root: controls.button },
    }),
    Menu: Menu.extend({
      defaultProps: { position: 'bottom-end', transitionProps: { duration: 0 } },
      classNames: { dropdown: controls.menu, item: controls.menuItem },
    }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        // Nothing behind it scrolls, and the lock would need a style element.
        lockScroll: false,
        closeOnClickOutside: false,
        transitionProps: { duration: 120, transition: 'fade' },
      },
      classNames: {
        content: controls.sheet,
        header: controls.sheetHeader,
        title: controls.sheetTitle,
        body: controls.sheetBody,
        overlay: controls.veil,
        inner: controls.sheetInner,
      },
    }),
    NumberInput: NumberInput.extend({ defaultProps: { size: 'xs' }, ...field }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: 'xs' }, ...field }),
    TagsInput: TagsInput.extend({ defaultProps: { size: 'xs' }, ...field }),
    TextInput: TextInput.extend({ defaultProps: { size: 'xs' }, ...field }),
  },
})
