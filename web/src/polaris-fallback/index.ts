// Our own fallback for the Polaris web components: the handful of tags these pages use, for wherever Shopify's script is not
// (standalone, demo, tests). Loaded only when nobody else has defined `s-page`.
import { Button, Checkbox, DateField, Link, Select, TextField } from './controls';
import { define, plain } from './element';
import { Badge, Banner, Heading, Page, Paragraph, Section, Text } from './layout';
import { Modal } from './modal';
import { Body, Cell, Header, HeaderRow, Row, Table } from './table';

// Then the colours are ours too, and may follow the reader.
document.documentElement.classList.add('stands-alone');
define('s-page', Page);
define('s-section', Section);
define('s-banner', Banner);
define('s-badge', Badge);
define('s-heading', Heading);
define('s-paragraph', Paragraph);
define('s-text', Text);
define('s-link', Link);
define('s-button', Button);
define('s-option', plain(':host{display:none}'));
define('s-select', Select);
define('s-date-field', DateField);
define('s-text-field', TextField);
define('s-checkbox', Checkbox);
define('s-modal', Modal);
define('s-table', Table);
define('s-table-header-row', HeaderRow);
define('s-table-header', Header);
define('s-table-body', Body);
define('s-table-row', Row);
define('s-table-cell', Cell);
