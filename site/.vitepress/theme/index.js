// SPDX-License-Identifier: Apache-2.0
import DefaultTheme from 'vitepress/theme'
import './pages.css'

export default DefaultTheme
