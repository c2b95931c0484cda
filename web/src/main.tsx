// Where it begins: the first question goes out while the rest is still on its way.
import './app/styles.css';
import { askEarly } from './app/early';

askEarly('/api/shop');
void import('./app/start').then(({ start }) => start());
