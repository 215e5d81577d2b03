/** danfojs as a file of its own, which the cells' worker loads when a cell wants a data frame. */
import * as danfo from 'danfojs-node';

Object.assign(self, { latentlabDanfo: danfo });
