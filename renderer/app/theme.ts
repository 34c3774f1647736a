import {
  ActionIcon,
  Button,
  Checkbox,
  createTheme,
  Input,
  InputWrapper,
  Menu,
  Modal,
  Popover,
  Radio,
  SegmentedControl,
  type VariantColorsResolver,
} from '@mantine/core'
import controls from './controls.module.css'

/** Three kinds of button, each in the accent or, for what takes something away, in `broken`. */
const variantColorResolver: VariantColorsResolver = ({ color, variant }) => {
  const tone = color === 'broken' || color === 'dim' ? color : 'accent'
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

const button = { '--button-height': '32px', '--button-fz': '13px', '--button-padding-x': '12px' }
const smallButton = { '--button-height': '26px', '--button-fz': '12px', '--button-padding-x': '8px' }

/** Millwright's look for Mantine's parts; colours and sizes are in `tokens.css`. */
export const theme = createTheme({
  variantColorResolver,
  defaultRadius: 8,
  respectReducedMotion: true,
  cursorType: 'default',
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', size: 28 } }),
    Button: Button.extend({
      defaultProps: { variant: 'default' },
      classNames: { root: controls.button },
      vars: (_, { size }) => ({ root: size === 'compact-sm' ? smallButton : button }),
    }),
    Checkbox: Checkbox.extend({ defaultProps: { size: 'xs' }, classNames: { label: controls.choice } }),
    Input: Input.extend({
      classNames: { input: controls.input },
      vars: () => ({ wrapper: { '--input-height': '32px', '--input-fz': '13px' } }),
    }),
    InputWrapper: InputWrapper.extend({
      classNames: { label: controls.label, description: controls.hint, error: controls.hint },
    }),
    Menu: Menu.extend({
      defaultProps: {
        position: 'bottom-end',
        transitionProps: { duration: 0 },
        // It would be a child that a menu may not have; the first item takes the focus instead.
        withInitialFocusPlaceholder: false,
      },
      classNames: { dropdown: controls.menu, item: controls.menuItem },
    }),
    Popover: Popover.extend({
      defaultProps: { transitionProps: { duration: 0 } },
      classNames: { dropdown: controls.popover },
    }),
    Radio: Radio.extend({
      classNames: {
        radio: controls.radioDot,
        label: controls.choice,
        description: controls.hint,
      },
      vars: () => ({ root: { '--radio-color': 'var(--accent)', '--radio-icon-color': 'var(--on-accent)' } }),
    }),
    SegmentedControl: SegmentedControl.extend({
      classNames: { root: controls.segments, indicator: controls.segment, label: controls.segmentLabel },
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
  },
})
