// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import net.ttddyy.dsproxy.ConnectionInfo;
import net.ttddyy.dsproxy.proxy.ProxyConfig;
import net.ttddyy.dsproxy.proxy.jdk.JdkJdbcProxyFactory;

/** Makes proxies of result sets that fetch their rows in pieces. All others are there when their statement has ended. */
final class StreamedResultSets extends JdkJdbcProxyFactory {

    @Override
    public ResultSet createResultSet(ResultSet resultSet, ConnectionInfo connection, ProxyConfig config) {
        return isStreamed(resultSet) ? super.createResultSet(resultSet, connection, config) : resultSet;
    }

    private static boolean isStreamed(ResultSet resultSet) {
        try {
            return resultSet.getFetchSize() != 0;
        } catch (SQLException e) {
            return false;
        }
    }
}
