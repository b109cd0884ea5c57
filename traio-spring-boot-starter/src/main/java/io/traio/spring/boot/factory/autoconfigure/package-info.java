// SPDX-License-Identifier: Apache-2.0
/**
 * Auto-configuration of the scope factory, and the properties of all features.
 *
 * <p>{@code TraioProperties} has a group for each feature. The auto-configurations
 * of the features come before or after that of the factory, and use these properties.
 */
@NullMarked
package io.traio.spring.boot.factory.autoconfigure;

import org.jspecify.annotations.NullMarked;
